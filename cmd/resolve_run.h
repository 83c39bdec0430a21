// One run of `resolve`: what all its modes share - the output, what was counted, who is asked.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/resolve.h"
#include "cmd/resolve_names.h"

namespace inetctl {

class ResolveRun {
 public:
  ResolveRun(Context& context, const ResolveRequest& request, const std::vector<std::string>& operands,
             ResolveMode mode);

  Result<Exit> operator()();

 private:
  // A name as it is asked about: in ASCII, or an address in reverse.
  struct Target {
    std::string name, ascii;
    std::optional<Address> address{};
    std::string refusal{};  // why nobody is asked
  };

  [[nodiscard]] Status prepare();
  [[nodiscard]] Status check_flags() const;
  void begin_output();
  void put_under(std::vector<UnderLine>& lines, const Answer& row) const;
  [[nodiscard]] Target target_of(std::string_view name) const;
  void read_target(std::string_view name, Target& target) const;
  // The families that are asked about one by one: with --hostent one, unless more are wanted.
  [[nodiscard]] std::vector<Family> families() const;

  // False when nobody reads any more.
  bool emit(Answers&& answers, const Target* target = nullptr);
  bool put(Answer& row);
  void trace(const dns::Try& made) const;
  void show_progress(std::uint64_t asked, std::uint64_t done);

  [[nodiscard]] Result<std::unique_ptr<dns::Network>> open_network(std::uint32_t slots) const;

  // The modes.
  Status ask_native();
  Status ask_native_bulk();
  Status ask_methods();
  Status ask_dns();
  Status ask_dns_bulk();
  Status compare();
  void validate(Answers& answers, const dns::Question& question, const dns::Client& client) const;

  void summarise(const dns::BulkSummary* queries);
  Result<Exit> finish();

  Context& context_;
  const ResolveRequest& request_;
  const ResolveMode mode_;
  const bool reads_input_;
  ResolverSystem& system_;
  ResolveNames names_;
  std::unique_ptr<inet::LookupContext> settings_;  // but for the native mode
  Document document_;
  std::unique_ptr<Output> output_;
  Order order_;
  std::uint32_t needs_ = 0;
  std::deque<Answer> kept_;  // for an order
  Grade worst_ = Grade::answered;
  std::uint64_t asked_ = 0, answered_ = 0, negative_ = 0, trouble_ = 0;
  std::int64_t began_us_ = 0, progress_us_ = 0;
  std::optional<dns::BulkSummary> queries_{};  // of a run with name servers
  bool progress_shown_ = false, stopped_ = false;
};

}  // namespace inetctl
