#include "providers/http/tls_session.hpp"

#include <climits>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstdint>
#include <sys/socket.h>

namespace persona_runtime {

namespace {

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL, and a library must not need SIGPIPE to be
// ignored by the program around it. Hence this one, which does nothing else differently.

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool is_transient(ssize_t outcome) {
  return outcome < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

int quiet_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  auto sent = ::send(socket_of(bio), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (is_transient(sent)) {
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(sent);
}

int quiet_read(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  auto got = ::recv(socket_of(bio), to, static_cast<std::size_t>(size), 0);
  if (is_transient(got)) {
    BIO_set_retry_read(bio);
  } else if (got == 0) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  }
  return static_cast<int>(got);
}

long quiet_control(BIO* bio, int command, long, void*) {
  switch (command) {
  case BIO_CTRL_EOF:
    return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  case BIO_CTRL_FLUSH:
    return 1;
  default:
    return 0;
  }
}

BIO_METHOD* make_quiet_method() {
  auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
  BIO_meth_set_write(method, quiet_write);
  BIO_meth_set_read(method, quiet_read);
  BIO_meth_set_ctrl(method, quiet_control);
  return method;
}

BIO* quiet_bio(int socket) {
  static BIO_METHOD* const method = make_quiet_method();
  auto* bio = BIO_new(method);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

bool is_numeric(const std::string& host) {
  auto bytes = std::array<unsigned char, sizeof(in6_addr)>{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1
         || ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

int clamped(std::size_t size) {
  return size > INT_MAX ? INT_MAX : static_cast<int>(size);
}

}  // namespace

result<std::shared_ptr<tls_context>> tls_context::make(const std::string& extra_ca_file) {
  auto* native = SSL_CTX_new(TLS_client_method());
  if (native == nullptr) {
    return failure{errc::validation_error, "OpenSSL cannot be set up"};
  }
  auto context = std::shared_ptr<tls_context>{new tls_context{native}};
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  // Buffers of 17 and 16 KiB per idle session would be most of its memory.
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                             | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  static constexpr auto http_1_1 =
    std::to_array<unsigned char>({8, 'h', 't', 't', 'p', '/', '1', '.', '1'});
  SSL_CTX_set_alpn_protos(native, http_1_1.data(), http_1_1.size());
  if (SSL_CTX_set_default_verify_paths(native) != 1) {
    return failure{errc::validation_error, "the system's certificate authorities cannot be read"};
  }
  if (!extra_ca_file.empty()
      && SSL_CTX_load_verify_locations(native, extra_ca_file.c_str(), nullptr) != 1) {
    return failure{errc::validation_error,
                   "no certificate authority can be read from " + extra_ca_file};
  }
  ERR_clear_error();
  return context;
}

tls_context::~tls_context() {
  SSL_CTX_free(context_);
}

tls_session::tls_session(const tls_context& context, int socket, const std::string& host)
  : session_{SSL_new(context.native())}, host_{host} {
  auto* bio = quiet_bio(socket);
  SSL_set_bio(session_, bio, bio);
  SSL_set_connect_state(session_);
  if (is_numeric(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_), host.c_str());
    return;
  }
  SSL_set_tlsext_host_name(session_, host.c_str());
  SSL_set_hostflags(session_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(session_, host.c_str());
}

tls_session::~tls_session() {
  SSL_free(session_);
}

io_step tls_session::handshake() {
  ERR_clear_error();
  return step_of(SSL_do_handshake(session_));
}

io_step tls_session::read(char* to, std::size_t size) {
  ERR_clear_error();
  return step_of(SSL_read(session_, to, clamped(size)));
}

io_step tls_session::write(const char* from, std::size_t size) {
  ERR_clear_error();
  return step_of(SSL_write(session_, from, clamped(size)));
}

bool tls_session::is_quiet() {
  ERR_clear_error();
  char unasked = 0;  // session tickets are taken in by the way
  return step_of(SSL_peek(session_, &unasked, 1)).status == io_status::would_block;
}

bool tls_session::has_pending() const {
  return SSL_pending(session_) > 0;
}

std::string tls_session::failure_text() const {
  auto verdict = SSL_get_verify_result(session_);
  if (verdict != X509_V_OK) {
    return "the certificate of " + host_
           + " is not accepted: " + X509_verify_cert_error_string(verdict);
  }
  return "the TLS handshake with " + host_ + " failed: " + failure_;
}

io_step tls_session::step_of(int outcome) {
  if (outcome > 0) {
    return {io_status::done, static_cast<std::size_t>(outcome)};
  }
  auto error = SSL_get_error(session_, outcome);
  wants_write_ = error == SSL_ERROR_WANT_WRITE;
  if (wants_write_ || error == SSL_ERROR_WANT_READ) {
    return {io_status::would_block, 0};
  }
  if (error == SSL_ERROR_ZERO_RETURN) {
    return {io_status::closed, 0};
  }
  auto code = ERR_peek_last_error();
  const auto* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  failure_ = reason != nullptr ? reason : "the connection was closed";
  return {io_status::failed, 0};
}

}  // namespace persona_runtime
