#include "cmd/rounds.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <thread>

namespace inetctl {

namespace {

// Digits and a dot, all of the text. (from_chars of a double brings all of libm, which each start would
// load.)
void read_plain(std::string_view text, double& to) {
  char* end = nullptr;
  const std::string copy(text);
  const double number = std::strtod(copy.c_str(), &end);
  if (copy.find_first_not_of("0123456789.") == std::string::npos && *end == '\0') to = number;
}
void read_plain(std::string_view text, std::uint64_t& to) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) to = number;
}

// False when the program is to end before that moment.
bool wait_until(Context& context, Clock::time_point moment) {
  constexpr auto kStep = std::chrono::milliseconds(50);  // how soon an end is noticed
  while (!context.stop()) {
    const auto left = moment - Clock::now();
    if (left <= Clock::duration::zero()) return true;
    std::this_thread::sleep_for(std::min<Clock::duration>(left, kStep));
  }
  return false;
}

template <class Number>
Status read_number(std::string_view flag, std::string_view text, Number most, Number& to) {
  Number number = 0;
  read_plain(text, number);
  if (number > 0 && number <= most) {
    to = number;
    return {};
  }
  return Error{Kind::usage, std::string(flag), "",
               join("'", text, "' is no number above 0 that makes sense here")};
}

}  // namespace

Status read_positive(std::string_view flag, std::string_view text, double most, double& to) {
  return read_number(flag, text, most, to);
}
Status read_positive(std::string_view flag, std::string_view text, std::uint64_t most, std::uint64_t& to) {
  return read_number(flag, text, most, to);
}

Rounds::Rounds(Context& context, const Document& document, double interval_s, std::uint64_t most)
    : context_(context),
      document_(document),
      period_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(interval_s))),
      most_(most),
      table_(context.format->name == "table") {}

bool Rounds::next() {
  if (!context_.out.good() || (most_ != 0 && round_ == most_)) return false;
  return wait_until(context_, moment_ += period_);
}

Output& Rounds::begin() {
  if (table_ && round_ > 0) context_.out.put("\n");
  if (table_ || !output_) (output_ = context_.format->make(context_.out, context_.surface))->begin(document_);
  ++round_;
  return *output_;
}

void Rounds::shown() {
  if (table_) output_->end({});
  context_.out.flush();
}

void Rounds::end() {
  if (!table_ && output_) output_->end(context_.notes);
}

}  // namespace inetctl
