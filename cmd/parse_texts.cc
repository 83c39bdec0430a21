#include "cmd/parse_texts.h"

#include <cerrno>
#include <system_error>

namespace inetctl {

Texts::Texts(Context& context, const std::vector<std::string>& operands, char separator, std::size_t longest,
             std::function<void()> before_wait)
    : operands_(operands), separator_(separator), longest_(longest), trims_(separator == '\n') {
  read_ = [this, &context, before_wait = std::move(before_wait)](char* to, std::size_t room) {
    if (!context.in) return std::ptrdiff_t{0};
    if (context.in_ready && !context.in_ready()) before_wait();
    const std::ptrdiff_t size = context.in(to, room);
    if (size < 0) failure_ = std::generic_category().message(errno);
    return size;
  };
}

bool Texts::next_operand(std::string_view& text) {
  while (operand_ < operands_.size()) {
    const std::string& operand = operands_[operand_++];
    if (operand == "-") {
      lines_.emplace(read_, separator_, longest_);
      return next(text);
    }
    lines_.reset();
    padded_.assign(operand).append(kParsePadding, '\0');
    text = std::string_view(padded_).substr(0, operand.size());
    return true;
  }
  return false;
}

void Texts::refuse_long(std::string_view text, const AddressReader& reader, ParsedAddress& row) {
  reader.refuse_long(text, row);
  while (more() && lines_->next(text)) continue;
}

Status Texts::status() const {
  if (failure_.empty()) return {};
  return Error{Kind::system, "read", "standard input", failure_};
}

}  // namespace inetctl
