#include "cmd/resolve_names.h"

#include <cerrno>
#include <system_error>

namespace inetctl {

namespace {

// No name is as long: what is longer is refused by whoever asks about it.
constexpr std::size_t kLongestName = 4096;

}  // namespace

ResolveNames::ResolveNames(Context& context, const std::vector<std::string>& operands, char separator,
                           std::function<void()> before_wait)
    : context_(context), operands_(operands), separator_(separator), before_wait_(std::move(before_wait)) {
  read_ = [this](char* to, std::size_t room) {
    if (!context_.in) return std::ptrdiff_t{0};
    const std::ptrdiff_t size = context_.in(to, room);
    if (size < 0) failure_ = std::generic_category().message(errno);
    return size;
  };
}

dns::Intake ResolveNames::take(std::string& name, bool may_wait) {
  while (true) {
    if (lines_) {
      if (!lines_->has_more() && context_.in_ready && !context_.in_ready()) {
        before_wait_();
        if (!may_wait) return dns::Intake::wait;
      }
      std::string_view line;
      if (lines_->next(line)) {
        name = line;
        while (lines_->more() && lines_->next(line)) continue;
        if (separator_ == '\n' && name.ends_with('\r')) name.pop_back();
        return dns::Intake::question;
      }
      lines_.reset();
    }
    if (operand_ == operands_.size()) return dns::Intake::end;
    const std::string& operand = operands_[operand_++];
    if (operand != "-") {
      name = operand;
      return dns::Intake::question;
    }
    lines_.emplace(read_, separator_, kLongestName);
  }
}

dns::Intake ResolveNames::next(std::string& name) { return take(name, false); }
bool ResolveNames::next_or_wait(std::string& name) { return take(name, true) == dns::Intake::question; }

Status ResolveNames::status() const {
  if (failure_.empty()) return {};
  return Error{Kind::system, "read", "standard input", failure_};
}

}  // namespace inetctl
