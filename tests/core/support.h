// What several tests need: text judged independently of core's own code, and outputs caught in a string.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.h"

namespace inetctl::test {

// nlohmann refuses to print what is not UTF-8: an independent judge.
inline bool is_utf8(std::string_view text) {
  try {
    return !nlohmann::json(std::string(text)).dump().empty();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

// What a reader of escaped text does: `\xNN` is the byte NN, all else is itself.
inline std::string unescaped(std::string_view text) {
  const auto hex = [](char c) { return std::string_view("0123456789abcdef").find(c); };
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\\x" && i + 4 <= text.size() && hex(text[i + 2]) < 16 &&
        hex(text[i + 3]) < 16) {
      bytes += static_cast<char>(hex(text[i + 2]) << 4 | hex(text[i + 3]));
      i += 3;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

// Lines without their ends; what follows the last end counts as a line when it is not empty.
inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    lines.emplace_back(line);
    text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
  }
  return lines;
}

// The text without colours (SGR sequences).
inline std::string without_colour(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = text.find('m', i);
    else
      plain += text[i];
  }
  return plain;
}

// Appends all that an Out flushes to `to`.
inline Sink sink_to(std::string& to) {
  return [&to](std::string_view text) {
    to += text;
    return true;
  };
}

}  // namespace inetctl::test
