// The modes of `resolve` that ask the system's resolver, or inet's methods one after the other.
#include <algorithm>
#include <map>

#include "cmd/resolve_run.h"

namespace inetctl {

namespace {

constexpr unsigned kThreads = 64;

}  // namespace

Status ResolveRun::ask_native() {
  std::string name;
  while (names_.next_or_wait(name)) {
    const Target target = target_of(name);
    if (!target.refusal.empty()) {
      if (!emit(refused_name(target.name, target.refusal))) return {};
      continue;
    }
    NativeQuery query;
    query.name = target.ascii;
    query.address = target.address;
    query.by_hostent = request_.hostent;
    const auto wanted = families();
    query.inet = std::ranges::find(wanted, Family::inet) != wanted.end();
    query.inet6 = std::ranges::find(wanted, Family::inet6) != wanted.end();
    if (request_.one && !request_.hostent)
      query.inet = request_.wants(Family::inet), query.inet6 = request_.wants(Family::inet6);
    if (needs_ & kNeedServices) query.services = Services::speaking;
    if (request_.every_service) query.services = Services::every;
    const auto answer = system_.native(query);
    if (!answer) return answer.error();
    if (!emit(answers_of(query, target.name, *answer), &target)) return {};
  }
  return {};
}

// What is refused is told when its turn comes: it is asked about as a name that nobody has.
Status ResolveRun::ask_native_bulk() {
  std::uint64_t taken = 0;
  std::map<std::uint64_t, Target> targets;
  std::map<std::uint64_t, Answers> early;  // answered before those in front of them
  std::uint64_t handed = 0;
  const auto hand_on = [&](std::uint64_t index, Answers answers) {
    const auto target = targets.extract(index);
    const bool good = emit(std::move(answers), target ? &target.mapped() : nullptr);
    show_progress(taken, asked_);
    return good;
  };
  const auto settle = [&](std::uint64_t index, Answers answers) {
    if (!request_.ordered) return hand_on(index, std::move(answers));
    early.emplace(index, std::move(answers));
    for (auto next = early.find(handed); next != early.end(); next = early.find(handed)) {
      Answers ready = std::move(next->second);
      early.erase(next);
      if (!hand_on(handed++, std::move(ready))) return false;
    }
    return true;
  };
  bool reader_is_there = true;
  std::vector<std::uint64_t> numbers;  // of the questions that were given, by their index
  NativeBulk bulk;
  bulk.next = [&](NativeQuery& query) {
    std::string name;
    while (reader_is_there) {
      const dns::Intake intake = names_.next(name);
      if (intake != dns::Intake::question) return intake;
      Target target = target_of(name);
      const std::uint64_t number = taken++;
      if (!target.refusal.empty()) {
        reader_is_there = settle(number, refused_name(target.name, target.refusal));
        continue;
      }
      query.name = target.ascii;
      query.address = target.address;
      query.inet = request_.wants(Family::inet);
      query.inet6 = request_.wants(Family::inet6);
      query.by_hostent = request_.hostent;
      targets.emplace(number, std::move(target));
      numbers.push_back(number);
      return dns::Intake::question;
    }
    return dns::Intake::end;
  };
  bulk.take = [&](std::uint64_t index, const NativeQuery& query, const NativeAnswer& answer) {
    const std::uint64_t number = numbers[index];
    return settle(number, answers_of(query, targets.at(number).name, answer));
  };
  bulk.stop = [&] { return stopped_ = context_.stop(); };
  return system_.native_bulk(request_.threads ? request_.threads : kThreads, bulk);
}

Status ResolveRun::ask_methods() {
  std::string name;
  while (!(reads_input_ && (stopped_ = context_.stop())) && names_.next_or_wait(name)) {
    const Target target = target_of(name);
    if (!target.refusal.empty()) {
      if (!emit(refused_name(target.name, target.refusal))) return {};
      continue;
    }
    const auto timed = [&](const auto& look_up) {
      const std::int64_t began = context_.backend.now_us();
      Answers answers = look_up();
      for (Answer& row : answers.rows) row.elapsed_us = context_.backend.now_us() - began;
      return answers;
    };
    Answers answers;
    if (target.address) {
      answers = timed([&] {
        return answers_of(inet::by_address(*settings_, *target.address), target.name, Family::none,
                          *target.address);
      });
    } else {
      for (const Family family : families()) {
        Answers one = timed([&] {
          return answers_of(inet::by_name(*settings_, target.ascii, family), target.name, family, {});
        });
        answers = answers.rows.empty() ? std::move(one) : joined(std::move(answers), std::move(one));
      }
    }
    if (!emit(std::move(answers), &target)) return {};
    if (reads_input_) show_progress(asked_, asked_);
  }
  return {};
}

}  // namespace inetctl
