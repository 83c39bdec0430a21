#include "core/resolver/config_line.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace inetctl {

bool ConfigLines::next() {
  if (rest_.empty()) return false;
  const std::size_t end = rest_.find('\n');
  std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (end != std::string_view::npos && text.ends_with('\r')) text.remove_suffix(1);
  line_.text = text;
  ++line_.number;
  line_.words.clear();

  text = text.substr(0, text.find_first_of(syntax_.comment_anywhere));
  if (!text.empty() && syntax_.comment_at_start.find(text.front()) != std::string_view::npos) return true;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(syntax_.blanks, at)) != std::string_view::npos) {
    const std::string_view word = text.substr(at, text.find_first_of(syntax_.blanks, at) - at);
    line_.words.push_back({word, at});
    at += word.size();
  }
  return true;
}

Error mistake_in_line(std::string operation, const std::string& path, const ConfigLine& line,
                      std::size_t offset, std::string cause) {
  return {Kind::malformed, std::move(operation), join(path, ":", std::to_string(line.number)),
          std::move(cause), Place{std::string(line.text), std::min(offset, line.text.size())}};
}

std::uint32_t line_number(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  return static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
}

Error mistake_in_text(std::string operation, const std::string& path, std::string_view text,
                      std::size_t offset, std::string cause) {
  offset = std::min(offset, text.size());
  const std::size_t start = text.substr(0, offset).rfind('\n') + 1;  // behind the last line feed, or 0
  const std::size_t end = std::min(text.find('\n', offset), text.size());
  return {Kind::malformed, std::move(operation), join(path, ":", std::to_string(line_number(text, offset))),
          std::move(cause), Place{std::string(text.substr(start, end - start)), offset - start}};
}

}  // namespace inetctl
