#include "cmd/rounds.h"

#include <algorithm>
#include <thread>

namespace inetctl {

namespace {

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

}  // namespace

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
