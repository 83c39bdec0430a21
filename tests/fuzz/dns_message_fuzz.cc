// Whatever a server sends: decoded, each record read and printed, by ourselves and by ldns. The first two
// bytes are the size of a query before it, which the reply may answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/resolver/message.h"
#include "core/resolver/rdata.h"
#include "core/text.h"
#include "platform/posix/resolver/live_records.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void check_text(const std::string& text) {
  must(std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; }));
}

void check_name(const std::string& name) {
  check_text(name);
  const auto wire = inetctl::dns::encode_name(name);
  must(wire.has_value() && wire->size() <= 255);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace inetctl;
  if (size < 2) return 0;
  const std::size_t query_size = std::min(std::size_t{data[0]} << 8 | data[1], size - 2);
  // Copied to their exact sizes, so that a sanitizer sees a read past the end.
  const std::vector<std::uint8_t> query(data + 2, data + 2 + query_size);
  const std::vector<std::uint8_t> reply(data + 2 + query_size, data + size);
  static_cast<void>(dns::answers(reply, query));
  const auto message = dns::decode(reply);
  if (!message) {
    must(message.error().kind == Kind::malformed && !message.error().cause.empty());
    return 0;
  }
  const auto question = dns::question_of(reply, *message);
  must(question.has_value() == message->has_question);
  if (question) check_name(question->name);
  for (const dns::Record& record : message->records) {
    check_name(dns::owner_name(reply, record));
    must(dns::is_named(reply, record, dns::owner_name(reply, record)));
    must(record.at < record.rdata_at && record.rdata_at + record.rdata_size <= reply.size());
    static_cast<void>(dns::rdata_address(reply, record));
    if (const auto name = dns::rdata_name(reply, record)) check_name(*name);
    static_cast<void>(dns::rdata_name(reply, record, 2));
    const auto ours = dns::read_rdata(reply, record);
    const auto printed = posix::record_data(reply, record);
    must(ours.has_value() == printed.has_value());
    if (!ours) continue;
    check_text(ours->text);
    must(ours->members == printed->members);
    // Members are the server's very bytes; what is printed of them commands no terminal.
    for (const std::string& member : ours->members)
      must(std::ranges::none_of(escaped(member), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }));
  }
  return 0;
}
