// The names that `resolve` is asked about: its operands one by one, and for `-` the lines of standard input.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "core/line_reader.h"
#include "core/resolver/intake.h"

namespace inetctl {

class ResolveNames {
 public:
  // `before_wait` is called when there is nothing to read yet.
  ResolveNames(Context& context, const std::vector<std::string>& operands, char separator,
               std::function<void()> before_wait);

  // Never waits for input: `wait` says that there is none yet.
  [[nodiscard]] dns::Intake next(std::string& name);
  // Waits. False at the end.
  [[nodiscard]] bool next_or_wait(std::string& name);
  // Why reading ended, when not by the end of the input.
  [[nodiscard]] Status status() const;

 private:
  dns::Intake take(std::string& name, bool may_wait);

  Context& context_;
  const std::vector<std::string>& operands_;
  std::size_t operand_ = 0;
  std::optional<LineReader> lines_;
  LineReader::Read read_;
  char separator_;
  std::function<void()> before_wait_;
  std::string failure_;
};

}  // namespace inetctl
