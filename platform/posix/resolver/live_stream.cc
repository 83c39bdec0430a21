#include "platform/posix/resolver/live_stream.h"

#include <algorithm>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/text.h"
#include "platform/posix/socket_address.h"

namespace inetctl::posix {

std::string error_text(int number) { return linux_os::system_error("", "", number).cause; }

namespace {

class PlainChannel : public Channel {
 public:
  explicit PlainChannel(int fd) : fd_(fd) {}

  Moved read(std::uint8_t* to, std::size_t room) override {
    return moved(::recv(fd_, to, room, 0), State::wants_read);
  }
  Moved write(dns::Bytes bytes) override {
    return moved(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), State::wants_write);
  }
  [[nodiscard]] std::string reason() const override { return error_text(error_); }

 private:
  Moved moved(ssize_t size, State when_full) {
    if (size > 0) return {State::moved, static_cast<std::size_t>(size)};
    if (size == 0) return {State::ended, 0};
    if (errno == EAGAIN || errno == EINTR) return {when_full, 0};
    error_ = errno;
    return {State::failed, 0};
  }
  int fd_;
  int error_ = 0;
};

constexpr std::size_t kReadAtOnce = 4096;
constexpr std::size_t kLength = 2;  // bytes before each message that say its length

std::size_t length_of(const std::vector<std::uint8_t>& framed) {
  return static_cast<std::size_t>(framed[0]) << 8 | framed[1];
}

}  // namespace

std::unique_ptr<Channel> plain_channel(int fd) { return std::make_unique<PlainChannel>(fd); }

Stream::Stream(const Endpoint& server, dns::Transport transport, MakeChannel channel, void* context)
    : server_(server), transport_(transport), make_channel_(channel), context_(context) {
  const SocketAddress to = to_socket_address(server);
  descriptor_ = linux_os::Descriptor(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor_) {
    fail(dns::Failure::unreachable, error_text(errno));
    return;
  }
  const int on = 1;
  ::setsockopt(descriptor_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(descriptor_.get(), to.get(), to.size) != 0 && errno != EINPROGRESS && errno != EINTR)
    fail(dns::Failure::unreachable, error_text(errno));
}

void Stream::begin(dns::Bytes query) {
  out_.clear();
  out_.reserve(kLength + query.size());
  out_.push_back(static_cast<std::uint8_t>(query.size() >> 8));
  out_.push_back(static_cast<std::uint8_t>(query.size()));
  out_.insert(out_.end(), query.begin(), query.end());
  written_ = 0;
  if (phase_ == Phase::reading) phase_ = Phase::writing;
}

bool Stream::fail(dns::Failure failure, std::string detail) {
  phase_ = Phase::failed;
  failure_ = failure;
  detail_ = std::move(detail);
  return false;
}

// False: nothing more can be done now.
bool Stream::wait_or_fail(Channel::State state) {
  if (state == Channel::State::moved) return true;
  wants_write_ = state == Channel::State::wants_write;
  if (state == Channel::State::failed) return fail(channel_->failure(), channel_->reason());
  if (state != Channel::State::ended) return false;
  if (in_.empty()) return fail(dns::Failure::closed, "the server closed the connection before its reply");
  const std::string expected =
      in_.size() < kLength ? "its length" : join(std::to_string(length_of(in_)), " bytes of a reply");
  return fail(dns::Failure::closed,
              join("the server closed the connection after ",
                   std::to_string(in_.size() - std::min(in_.size(), kLength)), " of ", expected));
}

bool Stream::connect_result() {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return fail(dns::Failure::unreachable, error_text(error));
  // No error and no peer: still on its way.
  sockaddr_storage peer;
  size = sizeof peer;
  if (::getpeername(descriptor_.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
    wants_write_ = true;
    return false;
  }
  auto channel = make_channel_(context_, descriptor_.get(), server_);
  if (!channel) return fail(dns::Failure::unreachable, channel.error().message());
  channel_ = std::move(*channel);
  phase_ = Phase::handshake;
  return true;
}

bool Stream::shake_hands() {
  if (!wait_or_fail(channel_->handshake().state)) return false;
  phase_ = Phase::writing;
  return true;
}

bool Stream::write_query() {
  while (written_ < out_.size()) {
    const Channel::Moved moved = channel_->write(dns::Bytes(out_).subspan(written_));
    if (!wait_or_fail(moved.state)) return false;
    written_ += moved.bytes;
  }
  phase_ = Phase::reading;
  return true;
}

bool Stream::read_reply() {
  const std::size_t before = in_.size();
  in_.resize(before + kReadAtOnce);
  const Channel::Moved moved = channel_->read(in_.data() + before, kReadAtOnce);
  in_.resize(before + moved.bytes);
  return wait_or_fail(moved.state);
}

Stream::State Stream::advance() {
  for (;;) {
    if (phase_ == Phase::failed) return State::failed;
    if (phase_ == Phase::reading && in_.size() >= kLength && in_.size() >= kLength + length_of(in_))
      return State::replied;
    const bool more = phase_ == Phase::connecting  ? connect_result()
                      : phase_ == Phase::handshake ? shake_hands()
                      : phase_ == Phase::writing   ? write_query()
                                                   : read_reply();
    if (!more && phase_ != Phase::failed) return State::waiting;
  }
}

dns::Bytes Stream::message() const { return dns::Bytes(in_).subspan(kLength, length_of(in_)); }

std::vector<std::uint8_t> Stream::take_message() {
  const dns::Bytes bytes = message();
  std::vector<std::uint8_t> taken(bytes.begin(), bytes.end());
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(kLength + taken.size()));
  served_ = true;
  return taken;
}

}  // namespace inetctl::posix
