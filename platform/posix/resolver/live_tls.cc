#include "platform/posix/resolver/live_tls.h"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "core/text.h"

#ifdef INETCTL_HAS_TLS
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "platform/posix/lazy_library.h"
#endif

namespace inetctl::posix {

#ifdef INETCTL_HAS_TLS

namespace {

#define INETCTL_TLS_FUNCTIONS(row)                                                                           \
  row(TLS_client_method) row(SSL_CTX_new) row(SSL_CTX_free) row(SSL_CTX_ctrl) row(SSL_CTX_set_options)       \
      row(SSL_CTX_set_verify) row(SSL_CTX_set_default_verify_paths) row(SSL_new) row(SSL_free) row(SSL_ctrl) \
          row(SSL_set1_host) row(SSL_get0_param) row(SSL_set_alpn_protos) row(SSL_set_bio) row(SSL_connect)  \
              row(SSL_read) row(SSL_write) row(SSL_get_error) row(SSL_get_verify_result)                     \
                  row(X509_VERIFY_PARAM_set1_ip_asc) row(X509_verify_cert_error_string) row(ERR_get_error)   \
                      row(ERR_reason_error_string) row(ERR_clear_error) row(BIO_get_new_index)               \
                          row(BIO_meth_new) row(BIO_meth_free) row(BIO_meth_set_read)                        \
                              row(BIO_meth_set_write) row(BIO_meth_set_ctrl) row(BIO_new) row(BIO_set_data)  \
                                  row(BIO_get_data) row(BIO_set_init) row(BIO_set_flags)                     \
                                      row(BIO_clear_flags)

struct OpenSsl {
#define INETCTL_ROW(name) decltype(&::name) name;  // NOLINT(bugprone-macro-parentheses): a declaration
  INETCTL_TLS_FUNCTIONS(INETCTL_ROW)
#undef INETCTL_ROW
};

const Result<OpenSsl>& open_ssl() {
  static const Result<OpenSsl> loaded = [] {
    LazyLibrary library({"libssl.so.3", "libssl3"}, "speak TLS");  // libcrypto's functions are found with it
    OpenSsl functions{};
#define INETCTL_ROW(name) library.bind(functions.name, #name);
    INETCTL_TLS_FUNCTIONS(INETCTL_ROW)
#undef INETCTL_ROW
    return library.loaded(functions);
  }();
  return loaded;
}

// OpenSSL's own socket BIO writes with write(2), and a server that hangs up would end us by SIGPIPE.
struct Wire {
  int fd = -1;
  int error = 0;
};

int moved(BIO* bio, ssize_t size, int retry_flag) {
  const OpenSsl& ssl = *open_ssl();
  ssl.BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
  if (size >= 0) return static_cast<int>(size);
  if (errno == EAGAIN || errno == EINTR)
    ssl.BIO_set_flags(bio, retry_flag | BIO_FLAGS_SHOULD_RETRY);
  else
    static_cast<Wire*>(ssl.BIO_get_data(bio))->error = errno;
  return -1;
}

int wire_read(BIO* bio, char* to, int room) {
  const Wire& wire = *static_cast<Wire*>(open_ssl()->BIO_get_data(bio));
  return moved(bio, ::recv(wire.fd, to, static_cast<std::size_t>(room), 0), BIO_FLAGS_READ);
}

int wire_write(BIO* bio, const char* from, int size) {
  const Wire& wire = *static_cast<Wire*>(open_ssl()->BIO_get_data(bio));
  return moved(bio, ::send(wire.fd, from, static_cast<std::size_t>(size), MSG_NOSIGNAL), BIO_FLAGS_WRITE);
}

long wire_control(BIO* /*bio*/, int what, long /*number*/, void* /*pointer*/) {
  return what == BIO_CTRL_FLUSH;
}

struct FreeSession {
  void operator()(SSL* session) const { open_ssl()->SSL_free(session); }
};
using Session = std::unique_ptr<SSL, FreeSession>;

class TlsChannel : public Channel {
 public:
  TlsChannel(Session session, std::unique_ptr<Wire> wire, std::string who)
      : wire_(std::move(wire)), session_(std::move(session)), who_(std::move(who)) {}

  Moved handshake() override {
    ssl_.ERR_clear_error();
    return told(ssl_.SSL_connect(session_.get()));
  }
  Moved read(std::uint8_t* to, std::size_t room) override {
    ssl_.ERR_clear_error();
    return told(ssl_.SSL_read(session_.get(), to, static_cast<int>(room)));
  }
  Moved write(dns::Bytes bytes) override {
    ssl_.ERR_clear_error();
    return told(ssl_.SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())));
  }
  [[nodiscard]] dns::Failure failure() const override { return failure_; }
  [[nodiscard]] std::string reason() const override { return reason_; }

 private:
  Moved told(int result) {
    if (result > 0) return {State::moved, static_cast<std::size_t>(result)};
    const int error = ssl_.SSL_get_error(session_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return {State::wants_read, 0};
    if (error == SSL_ERROR_WANT_WRITE) return {State::wants_write, 0};
    if (error == SSL_ERROR_ZERO_RETURN) return {State::ended, 0};
    if (wire_->error != 0)
      reason_ = error_text(wire_->error);
    else if (error == SSL_ERROR_SYSCALL)
      return {State::ended, 0};
    else
      explain();
    return {State::failed, 0};
  }

  void explain() {
    if (const long verdict = ssl_.SSL_get_verify_result(session_.get()); verdict != X509_V_OK) {
      failure_ = dns::Failure::untrusted;
      reason_ =
          join("the certificate of ", who_, " is refused: ", ssl_.X509_verify_cert_error_string(verdict));
      return;
    }
    const char* text = ssl_.ERR_reason_error_string(ssl_.ERR_get_error());
    reason_ = join("TLS: ", text ? text : "protocol error");
  }

  const OpenSsl& ssl_ = *open_ssl();
  std::unique_ptr<Wire> wire_;  // outlives the session, which holds it
  Session session_;
  std::string who_;
  dns::Failure failure_ = dns::Failure::closed;
  std::string reason_;
};

struct FreeContext {
  void operator()(SSL_CTX* context) const { open_ssl()->SSL_CTX_free(context); }
};
struct FreeMethod {
  void operator()(BIO_METHOD* method) const { open_ssl()->BIO_meth_free(method); }
};

Error refused(std::string cause) {
  return {.kind = Kind::system, .operation = "speak TLS", .object = "", .cause = std::move(cause)};
}

}  // namespace

struct TlsContext::Shared {
  std::unique_ptr<SSL_CTX, FreeContext> context;
  std::unique_ptr<BIO_METHOD, FreeMethod> method;

  [[nodiscard]] bool ready() const { return context && method; }

  void make(bool verify) {
    const OpenSsl& ssl = *open_ssl();
    context.reset(ssl.SSL_CTX_new(ssl.TLS_client_method()));
    method.reset(ssl.BIO_meth_new(ssl.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "inetctl"));
    if (!ready()) return;
    ssl.BIO_meth_set_read(method.get(), &wire_read);
    ssl.BIO_meth_set_write(method.get(), &wire_write);
    ssl.BIO_meth_set_ctrl(method.get(), &wire_control);
    ssl.SSL_CTX_ctrl(context.get(), SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
    // Messages have lengths of their own: an end without a farewell is seen there.
    ssl.SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    ssl.SSL_CTX_set_verify(context.get(), verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    if (verify) ssl.SSL_CTX_set_default_verify_paths(context.get());
  }
};

Result<std::unique_ptr<Channel>> TlsContext::channel(void* context, int fd, const Endpoint& server) {
  TlsContext& self = *static_cast<TlsContext*>(context);
  if (!open_ssl()) return open_ssl().error();
  const OpenSsl& ssl = *open_ssl();
  if (!self.shared_) {
    self.shared_ = std::make_unique<Shared>();
    self.shared_->make(self.verify_);
  }
  if (!self.shared_->ready()) return refused("OpenSSL gives no context");
  Session session(ssl.SSL_new(self.shared_->context.get()));
  BIO* bio = session ? ssl.BIO_new(self.shared_->method.get()) : nullptr;
  if (!bio) return refused("OpenSSL gives no session");
  auto wire = std::make_unique<Wire>(Wire{fd, 0});
  ssl.BIO_set_data(bio, wire.get());
  ssl.BIO_set_init(bio, 1);
  ssl.SSL_set_bio(session.get(), bio, bio);

  static constexpr unsigned char kAlpn[] = {3, 'd', 'o', 't'};
  ssl.SSL_set_alpn_protos(session.get(), kAlpn, sizeof kAlpn);
  Address address = server.address;
  address.zone = {};
  std::string who = self.name_.empty() ? to_text(address) : self.name_;
  bool named = true;
  if (self.name_.empty()) {
    named = ssl.X509_VERIFY_PARAM_set1_ip_asc(ssl.SSL_get0_param(session.get()), who.c_str()) == 1;
  } else {
    ssl.SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, who.data());
    named = ssl.SSL_set1_host(session.get(), who.c_str()) == 1;
  }
  if (!named) return refused(join("no certificate can be for ", escaped(who, Spaces::escape)));
  return std::make_unique<TlsChannel>(std::move(session), std::move(wire), escaped(who, Spaces::escape));
}

#else

struct TlsContext::Shared {};

Result<std::unique_ptr<Channel>> TlsContext::channel(void* context, int /*fd*/, const Endpoint& /*server*/) {
  (void)static_cast<TlsContext*>(context)->verify_;
  return Error{.kind = Kind::unsupported,
               .operation = "speak TLS",
               .object = "",
               .cause = "this inetctl was built without OpenSSL"};
}

#endif

TlsContext::TlsContext(std::string name, bool verify) : name_(std::move(name)), verify_(verify) {}
TlsContext::~TlsContext() = default;

}  // namespace inetctl::posix
