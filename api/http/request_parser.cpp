#include "api/http/request_parser.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

namespace persona_runtime::api {
namespace {

namespace http = boost::beast::http;
using fields = http::request_parser<http::string_body>::value_type;

std::optional<std::string> field_of(const fields& message, http::field name) {
  const auto found = message.find(name);
  if (found == message.end()) {
    return std::nullopt;
  }
  return std::string{found->value()};
}

std::optional<std::string> field_of(const fields& message, std::string_view name) {
  const auto found = message.find(boost::beast::string_view{name.data(), name.size()});
  if (found == message.end()) {
    return std::nullopt;
  }
  return std::string{found->value()};
}

request_parser::fault fault_of(const boost::beast::error_code& ec, std::size_t header_max,
                               std::size_t body_max) {
  if (ec == http::error::header_limit) {
    return {431, "header_too_large",
            "the request's head is larger than " + std::to_string(header_max) + " bytes"};
  }
  if (ec == http::error::body_limit) {
    return {413, "body_too_large",
            "the request's body is larger than " + std::to_string(body_max) + " bytes"};
  }
  return {400, "bad_request", "not a valid HTTP/1.1 request: " + ec.message()};
}

}  // namespace

struct request_parser::state {
  http::request_parser<http::string_body> parser;
  bounds limits;
  std::size_t body_max = 0;  // of this request, once its head is known
};

request_parser::request_parser(const bounds& limits) : state_{std::make_unique<state>()} {
  state_->limits = limits;
  state_->body_max = limits.usual;
  state_->parser.header_limit(static_cast<std::uint32_t>(limits.header));
  // Beast compares a Content-Length while it reads the head, when the target is not known yet.
  state_->parser.body_limit(std::max(limits.usual, limits.large));
}

request_parser::~request_parser() = default;

std::size_t request_parser::feed(std::string_view bytes) {
  auto used = std::size_t{0};
  while (used < bytes.size() && !is_complete() && !fault_) {
    auto ec = boost::beast::error_code{};
    const auto in_head = !has_head();
    const auto rest = bytes.substr(used);
    if (rest.size() < least_bytes()) {
      break;
    }
    const auto taken = state_->parser.put(boost::asio::buffer(rest.data(), rest.size()), ec);
    used += taken;
    if (ec && ec != http::error::need_more) {
      fault_ = fault_of(ec, state_->limits.header, state_->body_max);
    } else if (has_head() && !head_checked_) {
      check_head();
    }
    if (in_head) {
      count_head(taken);
    }
    if (ec || taken == 0) {
      break;
    }
  }
  if (!has_head()) {
    bound_head(head_bytes_ + bytes.size() - used);
  }
  return used;
}

// Beast's own limit sees only the fields, and each read's alone.
void request_parser::bound_head(std::size_t bytes) {
  if (bytes > state_->limits.header && !fault_) {
    fault_ = fault_of(http::error::header_limit, state_->limits.header, state_->body_max);
  }
}

// A head is read alone, so that its bytes can be counted; the body's parts at one go.
void request_parser::count_head(std::size_t bytes) {
  head_bytes_ += bytes;
  bound_head(head_bytes_);
  state_->parser.eager(has_head());
}

// So short is the shortest end of a chunked body; when Beast (version 1.74) comes back to a last
// chunk it asserts that it is given no less.
std::size_t request_parser::least_bytes() const {
  return has_head() && state_->parser.chunked() ? std::string_view{"0\r\n\r\n"}.size() : 1;
}

// Two heads that name different hosts are how requests are smuggled past a proxy.
void request_parser::check_head() {
  head_checked_ = true;
  const auto& message = state_->parser.get();
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    fault_ = fault{400, "bad_request", "exactly one Host header is needed"};
  } else if (message.count(http::field::authorization) > 1) {
    fault_ = fault{400, "bad_request", "more than one Authorization header"};
  } else if (message.count(http::field::transfer_encoding) > 0 && !message.chunked()) {
    // Its body would end with the connection, which cannot carry the answer then.
    fault_ = fault{400, "bad_request", "the only Transfer-Encoding understood is chunked"};
  } else {
    bound_body();
  }
}

void request_parser::bound_body() {
  const auto& message = state_->parser.get();
  const auto& limits = state_->limits;
  const auto method = message.method_string();
  const auto target = message.target();
  const auto takes_large =
    limits.takes_large != nullptr
    && limits.takes_large({method.data(), method.size()}, {target.data(), target.size()});
  const auto length = state_->parser.content_length();
  if (takes_large && length) {
    state_->body_max = limits.large;
  }
  if (length && *length > state_->body_max) {
    fault_ = fault_of(http::error::body_limit, limits.header, state_->body_max);
  }
  state_->parser.body_limit(state_->body_max);
}

std::size_t request_parser::large_length() const {
  const auto length = state_->parser.content_length();
  return length && *length > state_->limits.usual ? static_cast<std::size_t>(*length) : 0;
}

bool request_parser::has_head() const {
  return state_->parser.is_header_done();
}

bool request_parser::is_complete() const {
  return !fault_ && state_->parser.is_done();
}

bool request_parser::wants_continue() const {
  const auto& message = state_->parser.get();
  return message.version() >= 11
         && boost::beast::iequals(message[http::field::expect], "100-continue");
}

http_request request_parser::take() {
  auto& message = state_->parser.get();
  auto request = http_request{};
  request.method = std::string{message.method_string()};
  request.target = std::string{message.target()};
  request.host = field_of(message, http::field::host);
  request.origin = field_of(message, http::field::origin);
  request.authorization = field_of(message, http::field::authorization);
  request.last_event_id = field_of(message, "Last-Event-ID");
  request.idempotency_key = field_of(message, "Idempotency-Key");
  request.content_type = std::string{message[http::field::content_type]};
  request.accept = std::string{message[http::field::accept]};
  request.http_1_0 = message.version() < 11;
  request.keep_alive = message.keep_alive();
  request.body = std::move(message.body());
  return request;
}

}  // namespace persona_runtime::api
