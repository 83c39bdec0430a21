// What rtnetlink sends, whatever it holds, becomes rows and terms that are sound; a watch over it ends.
#include <cstddef>
#include <cstdint>

#include "core/interface_lines.h"
#include "tests/fuzz/render.h"
#include "tests/platform/messages.h"

namespace {

using namespace inetctl;

void check_row(Output& output, const InterfaceRow& row, std::size_t width) {
  output.row(&row);
  std::vector<UnderLine> lines;
  append_address_lines(lines, row, width);
  append_counter_lines(lines, row, true, width);
  std::string text = event_line(row);
  for (const UnderLine& line : lines) text += join("\n", line.text);
  fuzz::expect_calm(text);
  std::string term;
  append_erlang_interface(term, row.interface);
  for (const char c : term) fuzz::expect(c >= ' ' && c <= '~', "a term is printable ASCII");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto kernel = std::make_unique<test::FakeKernel>();
  // Each in an allocation of its exact size. The first byte says where links end and addresses begin.
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  const std::size_t skip = size == 0 ? 0 : 1;
  const std::size_t cut = size == 0 ? 0 : std::min<std::size_t>(data[0] * std::size_t{16}, size - 1);
  const test::Datagram links(bytes + skip, bytes + skip + cut), addresses(bytes + skip + cut, bytes + size);
  kernel->links = {{links, test::done()}, {addresses, links, test::done()}};
  kernel->addresses = {{addresses, test::done()}, {links, test::done()}};
  kernel->happenings = {{links}, {addresses}, {.datagram = {}, .lost = true}, {addresses}, {links}};
  test::FakeKernel& told = *kernel;
  const auto backend = linux_os::make_backend(std::move(kernel));

  std::string text;
  Out out([&](std::string_view part) {
    text += part;
    return true;
  });
  const FieldTable table = interface_fields();
  Document document;
  document.columns = table.all();
  const auto output = find_format("ndjson")->make(out, {});
  output->begin(document);
  std::size_t rows = 0;
  Notes notes;
  const std::uint32_t needs = kNeedLinkCounters | kNeedLinkSpeed | kNeedLinkNetns;
  if (auto found = backend->interfaces(needs, notes))
    for (const Interface& one : inet_interfaces(std::move(*found))) {
      check_row(*output, InterfaceRow(one), size % 100);
      ++rows;
    }
  static_cast<void>(backend->watch_interfaces({.take =
                                                   [&](const InterfaceEvent& event) {
                                                     check_row(*output, InterfaceRow(event), size % 100);
                                                     return ++rows < 1000;
                                                   },
                                               .say = [](const std::string&) {},
                                               .stop = [&] { return told.happenings.empty(); }}));
  output->end({});
  out.flush();
  fuzz::expect_json_lines(text, rows);
  return 0;
}
