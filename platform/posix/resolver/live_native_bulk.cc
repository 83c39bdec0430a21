// Many names by the system's resolver at once: it waits for each, so each waits on a thread of its own.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "platform/posix/resolver/live_native.h"

namespace inetctl::posix {

namespace {

// Answers are handed on some at a time, or after this while: a switch of threads for each would cost as much
// as a lookup.
constexpr std::size_t kBatch = 16;
constexpr auto kBatchTime = std::chrono::microseconds(500);

struct Job {
  std::uint64_t index = 0;
  NativeQuery query;
  NativeAnswer answer;
};

// What the threads share. They may outlive the call that started them: a libc that waits for a silent server
// cannot be called off.
struct Shared {
  std::mutex mutex;
  std::condition_variable jobs_come, answers_come;
  std::deque<Job> jobs, answers;
  std::size_t idle = 0;
  bool over = false;
};

void work(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (true) {
    ++shared->idle;
    shared->jobs_come.wait(lock, [&] { return shared->over || !shared->jobs.empty(); });
    --shared->idle;
    if (shared->over) return;
    Job job = std::move(shared->jobs.front());
    shared->jobs.pop_front();
    lock.unlock();
    job.answer = ask_libc(job.query);
    lock.lock();
    shared->answers.push_back(std::move(job));
    if (shared->answers.size() == 1 || shared->answers.size() == kBatch) shared->answers_come.notify_one();
  }
}

class NativeRun {
 public:
  NativeRun(unsigned threads, const NativeBulk& bulk) : most_threads_(threads), bulk_(bulk) {}
  ~NativeRun() {
    const std::lock_guard lock(shared_->mutex);
    shared_->over = true;
    shared_->jobs_come.notify_all();
  }
  NativeRun(const NativeRun&) = delete;
  NativeRun& operator=(const NativeRun&) = delete;

  Status operator()() {
    while (!ended_ || open_ > 0) {
      if (bulk_.stop && bulk_.stop()) return {};
      if (Status started = take_in(); !started) return started;
      if (!hand_out()) return {};
    }
    return {};
  }

 private:
  // As many questions as twice the threads: none of them waits for this one.
  Status take_in() {
    while (!ended_ && open_ < std::size_t{2} * most_threads_) {
      Job job;
      job.index = asked_;
      const dns::Intake intake = bulk_.next(job.query);
      if (intake == dns::Intake::end) ended_ = true;
      if (intake != dns::Intake::question) return {};
      ++asked_;
      ++open_;
      if (Status put = give(std::move(job)); !put) return put;
    }
    return {};
  }

  Status give(Job job) {
    const std::lock_guard lock(shared_->mutex);
    shared_->jobs.push_back(std::move(job));
    shared_->jobs_come.notify_one();
    if (shared_->idle >= shared_->jobs.size() || threads_ == most_threads_) return {};
    try {
      std::thread(work, shared_).detach();
      ++threads_;
    } catch (const std::system_error& error) {
      if (threads_ == 0) return Error{Kind::system, "start", "thread", error.code().message()};
      most_threads_ = threads_;
    }
    return {};
  }

  // Waits a little for answers, and hands on what there is. False when nobody wants more.
  bool hand_out() {
    std::deque<Job> answers;
    {
      std::unique_lock lock(shared_->mutex);
      const auto a_while = ended_ || open_ >= std::size_t{2} * most_threads_ ? std::chrono::milliseconds(100)
                                                                             : std::chrono::milliseconds(5);
      shared_->answers_come.wait_for(lock, a_while, [&] { return !shared_->answers.empty(); });
      if (!shared_->answers.empty() && shared_->answers.size() < std::min(open_, kBatch))
        shared_->answers_come.wait_for(lock, kBatchTime,
                                       [&] { return shared_->answers.size() >= std::min(open_, kBatch); });
      answers.swap(shared_->answers);
    }
    for (const Job& job : answers) {
      --open_;
      if (!bulk_.take(job.index, job.query, job.answer)) return false;
    }
    return true;
  }

  unsigned most_threads_, threads_ = 0;
  const NativeBulk& bulk_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::uint64_t asked_ = 0;
  std::size_t open_ = 0;
  bool ended_ = false;
};

}  // namespace

Status ask_native_bulk(unsigned threads, const NativeBulk& bulk) {
  return NativeRun(threads == 0 ? 1 : threads, bulk)();
}

}  // namespace inetctl::posix
