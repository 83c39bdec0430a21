#include "core/option_range.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "core/option_value.h"
#include "core/text.h"

namespace inetctl {

namespace {

constexpr std::size_t kMostSegments = 24;
constexpr std::size_t kMostSamples = 2000;

// What became of one number.
struct Sample {
  int error = 0;
  bool readable = false;
  std::int64_t got = 0;
};

// Numbers with equal labels are one segment.
struct Label {
  enum class Kind : std::uint8_t { error, unreadable, accepted, doubled, rounded, masked, constant };
  Kind kind = Kind::accepted;
  std::int64_t value = 0;  // the error, or the constant that is read back
  friend bool operator==(const Label&, const Label&) = default;
};

class Search {
 public:
  Search(Prober& prober, const OptionRequest& request) : prober_(prober), request_(request) {}

  OptionRange run() {
    const std::set<std::int64_t> ladder = steps();
    for (const std::int64_t number : ladder) (void)sample(number);
    if (auto whole = one_rule()) return {{*whole}, false};
    stepped_ = is_stepped();
    mask_ = find_mask();
    auto low = ladder.begin();
    for (auto high = std::next(low); high != ladder.end(); ++low, ++high) split(*low, *high);
    return judged(merged());
  }

 private:
  [[nodiscard]] ValueType type() const { return type_of(request_); }

  std::set<std::int64_t> steps() {
    std::set<std::int64_t> all = {lowest(type()), highest(type())};
    const auto add = [&](std::int64_t number) {
      for (const std::int64_t near : {number - 1, number, number + 1})
        if (near >= lowest(type()) && near <= highest(type())) all.insert(near);
    };
    add(0);
    for (unsigned power = 0; power < 32; ++power) {
      add(std::int64_t{1} << power);
      add(-(std::int64_t{1} << power));
    }
    if (const auto now = default_value()) add(*now);
    return all;
  }

  std::optional<std::int64_t> default_value() {
    OptionRequest look = request_;
    look.value.reset();
    const auto seen = prober_.probe(look);
    if (!seen || !seen->trial.before || seen->trial.before->error != 0) return std::nullopt;
    return number_in(type(), seen->trial.before->bytes);
  }

  const Sample& sample(std::int64_t number) {
    const auto [entry, added] = samples_.try_emplace(number);
    if (!added) return entry->second;
    const Trial trial = prober_.attempt(request_, number_bytes(type(), number));
    Sample& result = entry->second;
    result.error = trial.set_error.value_or(0);
    if (trial.after && trial.after->error == 0)
      if (const auto got = number_in(type(), trial.after->bytes)) {
        result.readable = true;
        result.got = *got;
      }
    return result;
  }

  // A rule that holds for every number of the ladder: bisection would find a thousand segments.
  std::optional<RangeSegment> one_rule() {
    const auto all = [&](auto holds) {
      return std::all_of(samples_.begin(), samples_.end(), [&](const auto& entry) {
        return entry.second.error == 0 && entry.second.readable && holds(entry.first, entry.second.got);
      });
    };
    const auto segment = [&](Verdict verdict, Rule rule, std::string detail) {
      return RangeSegment{lowest(type()), highest(type()), {verdict, rule, std::move(detail)}};
    };
    if (all([](std::int64_t number, std::int64_t got) { return number == got; }))
      return segment(Verdict::accepted, Rule::none, "");
    if (all([](std::int64_t number, std::int64_t got) { return got == (number != 0 ? 1 : 0); }))
      return segment(Verdict::adjusted, Rule::boolean, "any number but 0 is true");
    const std::int64_t mask = sample(lowest(type()) < 0 ? -1 : highest(type())).got;
    if (mask != 0 && all([mask](std::int64_t number, std::int64_t got) { return got == (number & mask); })) {
      return segment(Verdict::adjusted, Rule::masked, join("masked by ", hex_text(mask)));
    }
    return std::nullopt;
  }

  // Whether numbers are rounded up to steps: several numbers read back as higher ones, and those as
  // themselves.
  bool is_stepped() {
    std::set<std::int64_t> steps;
    for (const auto& [number, sampled] : samples_)
      if (number > 0 && taken(sampled) && sampled.got > number && sampled.got != 2 * number)
        steps.insert(sampled.got);
    return steps.size() >= kEnough && std::all_of(steps.begin(), steps.end(), [this](std::int64_t step) {
             return taken(sample(step)) && sample(step).got == step;
           });
  }

  // The bits that are kept of all numbers that are taken; 0 when no such bits explain what is read back.
  std::int64_t find_mask() const {
    std::int64_t mask = 0;
    for (const auto& [number, sampled] : samples_)
      if (number >= 0 && taken(sampled)) mask |= sampled.got;
    std::size_t changed = 0;
    for (const auto& [number, sampled] : samples_) {
      if (number < 0 || !taken(sampled)) continue;
      if (sampled.got != (number & mask)) return 0;
      changed += sampled.got != number ? 1 : 0;
    }
    return changed >= kEnough ? mask : 0;
  }

  static constexpr std::size_t kEnough = 4;  // of a pattern that are no accident
  static bool taken(const Sample& sampled) { return sampled.error == 0 && sampled.readable; }

  Label label(std::int64_t number) {
    const Sample& sampled = sample(number);
    if (sampled.error != 0) return {Label::Kind::error, sampled.error};
    if (!sampled.readable) return {Label::Kind::unreadable, 0};
    if (stepped_ && number > 0 && sampled.got >= number) return {Label::Kind::rounded, 0};
    if (mask_ != 0 && number >= 0 && sampled.got == (number & mask_)) return {Label::Kind::masked, 0};
    if (sampled.got == number) return {Label::Kind::accepted, 0};
    if (number != 0 && sampled.got == 2 * number) return {Label::Kind::doubled, 0};
    return {Label::Kind::constant, sampled.got};
  }

  // Finds every bound between two numbers, as far as there is one wherever the ends differ.
  void split(std::int64_t low, std::int64_t high) {
    if (high - low <= 1 || samples_.size() >= kMostSamples || label(low) == label(high)) return;
    const std::int64_t middle = low + (high - low) / 2;
    (void)sample(middle);
    split(low, middle);
    split(middle, high);
  }

  struct Run {
    std::int64_t low, high;
    Label label;
  };
  std::vector<Run> merged() {
    std::vector<Run> runs;
    for (const auto& [number, sampled] : samples_) {
      const Label here = label(number);
      if (runs.empty() || runs.back().label != here)
        runs.push_back({runs.empty() ? lowest(type()) : runs.back().high + 1, number, here});
      runs.back().high = number;
    }
    // A bound reads back as itself: that is no island of another kind.
    for (std::size_t i = 1; i + 1 < runs.size();) {
      const Label bound{Label::Kind::constant, runs[i].low};
      const bool island = runs[i].low == runs[i].high && runs[i].label.kind == Label::Kind::accepted &&
                          runs[i - 1].label == bound && runs[i + 1].label == bound;
      if (!island) {
        ++i;
        continue;
      }
      runs[i - 1].high = runs[i + 1].high;
      runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(i),
                 runs.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    }
    return runs;
  }

  OptionRange judged(const std::vector<Run>& runs) {
    OptionRange range;
    range.more = runs.size() > kMostSegments || samples_.size() >= kMostSamples;
    for (const Run& run : runs) {
      if (range.segments.size() == kMostSegments) break;
      range.segments.push_back({run.low, run.high, judge(run)});
    }
    return range;
  }

  Judgement judge(const Run& run) {
    switch (run.label.kind) {
      case Label::Kind::accepted:
        return {Verdict::accepted, Rule::none, ""};
      case Label::Kind::doubled:
        return {Verdict::adjusted, Rule::doubled, "doubled"};
      case Label::Kind::rounded:
        return {Verdict::adjusted, Rule::rounded, rounding(run)};
      case Label::Kind::masked:
        return {Verdict::adjusted, Rule::masked, join("masked by ", hex_text(mask_))};
      case Label::Kind::constant:
        if (run.high > run.low && run.label.value != default_value())
          return {Verdict::adjusted, Rule::clamped, join("reads ", shown(run.label.value))};
        break;
      default:
        break;
    }
    OptionRequest one = request_;
    one.value = number_bytes(type(), run.high);
    const auto result = prober_.probe(one);
    return result ? result->judgement : Judgement{};
  }

  // The step when all are multiples of one, else the first of them.
  std::string rounding(const Run& run) {
    std::set<std::int64_t> steps;
    std::int64_t step = 0;
    for (auto entry = samples_.lower_bound(run.low); entry != samples_.end() && entry->first <= run.high;
         ++entry) {
      steps.insert(entry->second.got);
      step = std::gcd(step, entry->second.got);
    }
    if (step > 1) return join("rounded up to multiples of ", std::to_string(step));
    std::string text = "rounded up to ";
    std::size_t count = 0;
    for (const std::int64_t one : steps) {
      if (++count > 6) return text + " …";
      text += join(count == 1 ? "" : " ", std::to_string(one));
    }
    return text;
  }

  [[nodiscard]] std::string shown(std::int64_t number) const {
    return show(request_, number_bytes(type(), number));
  }

  Prober& prober_;
  const OptionRequest& request_;
  std::map<std::int64_t, Sample> samples_;
  bool stepped_ = false;
  std::int64_t mask_ = 0;
};

// Each bit alone; those that fare the same are put together.
OptionRange find_bits(Prober& prober, const OptionRequest& request) {
  OptionRange range;
  range.bits = true;
  for (unsigned power = 0; power < 32; ++power) {
    OptionRequest one = request;
    const std::int64_t bit = std::int64_t{1} << power;
    one.value = number_bytes(ValueType::mask, bit);
    const auto result = prober.probe(one);
    if (!result) break;
    Judgement judgement = result->judgement;
    // What it reads as instead is another number for each bit.
    if (judgement.rule != Rule::none) judgement.rule = Rule::other, judgement.detail = "adjusted";
    const auto same = std::find_if(range.segments.begin(), range.segments.end(), [&](const RangeSegment& s) {
      return s.judgement.verdict == judgement.verdict && s.judgement.detail == judgement.detail;
    });
    if (same == range.segments.end())
      range.segments.push_back({bit, bit, judgement});
    else
      same->low = same->high = same->low | bit;
  }
  return range;
}

std::string end_text(std::int64_t number, ValueType type) {
  const bool has_sign = lowest(type) < 0;
  if (has_sign && number == lowest(type)) return "INT_MIN";
  if (number == highest(type)) return has_sign ? "INT_MAX" : "UINT_MAX";
  return std::to_string(number);
}

}  // namespace

OptionRange find_range(Prober& prober, const OptionRequest& request) {
  const ValueType type = type_of(request);
  if (!is_number(type) || type == ValueType::wide) return {};
  if (type == ValueType::mask) return find_bits(prober, request);
  return Search(prober, request).run();
}

std::string segment_text(const OptionRange& range, const RangeSegment& segment, ValueType type) {
  std::string text = range.bits ? join("bits ", hex_text(segment.low)) : end_text(segment.low, type);
  if (segment.high != segment.low) text += join("..", end_text(segment.high, type));
  const Judgement& judgement = segment.judgement;
  const bool says_itself = judgement.verdict == Verdict::adjusted && !judgement.detail.empty();
  if (!says_itself) text += join(" ", name_of(judgement.verdict));
  if (judgement.verdict == Verdict::accepted || judgement.verdict == Verdict::ignored) return text;
  return judgement.detail.empty() ? text : join(text, " ", judgement.detail);
}

std::vector<LengthTrial> try_lengths(Prober& prober, const OptionRequest& request) {
  std::vector<LengthTrial> trials;
  for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 5U, 8U, 12U, 16U, 32U, 256U}) {
    std::string value(size, '\0');
    if (size > 0) value[0] = 1;
    const Trial trial = prober.attempt(request, value);
    if (!trial.set_error) return trials;
    LengthTrial result{size, *trial.set_error, ""};
    if (result.error == 0 && trial.after && trial.after->error == 0)
      result.after = show(request, trial.after->bytes);
    trials.push_back(std::move(result));
  }
  return trials;
}

}  // namespace inetctl
