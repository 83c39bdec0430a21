#include "cmd/rounds.h"

#include <algorithm>
#include <thread>

namespace inetctl {

bool Pace::wait(Context& context) {
  constexpr auto kStep = std::chrono::milliseconds(50);  // how soon an end is noticed
  moment_ += period_;
  while (!context.stop()) {
    const auto left = moment_ - Clock::now();
    if (left <= Clock::duration::zero()) return true;
    std::this_thread::sleep_for(std::min<Clock::duration>(left, kStep));
  }
  return false;
}

Rounds::Rounds(Context& context, const Document& document, double interval_s, std::uint64_t most)
    : context_(context),
      document_(document),
      pace_(interval_s),
      most_(most),
      table_(context.format->name == "table") {}

bool Rounds::next() {
  if (!context_.out.good() || (most_ != 0 && round_ == most_)) return false;
  return pace_.wait(context_);
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

Result<Exit> repeat(Context& context, double interval_s, std::uint64_t most,
                    const std::function<Result<Exit>()>& show) {
  Pace pace(interval_s);
  for (std::uint64_t round = 1;; ++round) {
    context.notes.clear();
    Result<Exit> shown = show();
    context.out.flush();
    if (!shown || round == most || !context.out.good() || !pace.wait(context)) return shown;
    context.out.put("\n");
  }
}

}  // namespace inetctl
