// DNS messages for tests: recorded ones, and such as no server should send.
#pragma once

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/hex.h"
#include "core/resolver/message.h"

namespace inetctl::test {

using WireBytes = std::vector<std::uint8_t>;

inline WireBytes wire_of(std::string_view digits) {
  WireBytes wire;
  const auto bytes = parse_hex(digits, "test");
  for (const std::byte byte : bytes.value()) wire.push_back(std::to_integer<std::uint8_t>(byte));
  return wire;
}

struct RecordedReply {
  std::string what;
  WireBytes query, reply;
  std::vector<std::string> dig;  // its records in dig's words: name, TTL, class, type, data
};

// data: the directory tests/data.
inline std::vector<RecordedReply> recorded_replies(const std::string& data) {
  std::vector<RecordedReply> replies;
  std::ifstream file(data + "/dns/replies.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    replies.push_back({json["what"], wire_of(std::string(json["query"])), wire_of(std::string(json["reply"])),
                       json["dig"].get<std::vector<std::string>>()});
  }
  return replies;
}

// Header flags and counts of question, answers, authority, additional; then what `body` says in hexadecimal.
inline WireBytes message_of(std::string_view flags, std::string_view counts, std::string_view body) {
  return wire_of("1234" + std::string(flags) + std::string(counts) + std::string(body));
}

// A reply with one answer: `rdata` behind the name "a.".
inline WireBytes reply_with(std::uint16_t type, const WireBytes& rdata, std::uint16_t klass = 1) {
  WireBytes wire = message_of("8000", "0000000100000000", "016100");
  for (const unsigned value : {type + 0U, klass + 0U, 0U, 60U, static_cast<unsigned>(rdata.size())}) {
    wire.push_back(static_cast<std::uint8_t>(value >> 8));
    wire.push_back(static_cast<std::uint8_t>(value));
  }
  wire.insert(wire.end(), rdata.begin(), rdata.end());
  return wire;
}

}  // namespace inetctl::test
