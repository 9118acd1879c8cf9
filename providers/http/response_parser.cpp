#include "providers/http/response_parser.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <optional>

namespace persona_runtime {

namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

std::string_view std_view(string_view text) {
  return {text.data(), text.size()};
}

/// Collects the head and passes the body on.
class one_answer final : public http::basic_parser<false> {
public:
  one_answer(response_receiver& receiver, const parser_limits& limits) : receiver_{receiver} {
    eager(true);
    skip(limits.head_only);
    header_limit(response_head_bytes_max);
    body_limit(limits.body_bytes_max);
  }

  [[nodiscard]] bool is_interim() const {
    return status_ >= 100 && status_ < 200 && status_ != 101;
  }
  [[nodiscard]] bool was_stopped() const { return stopped_; }
  /// Between chunks Beast is to be given at least so many bytes: so long is the shortest end of a
  /// chunked body, and it asserts that (version 1.74) when it comes back to a last chunk.
  [[nodiscard]] std::size_t least_bytes() const {
    return is_header_done() && chunked() && !in_chunk_ ? std::string_view{"0\r\n\r\n"}.size() : 1;
  }

private:
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}

  void on_response_impl(int status, string_view, int, error_code&) override {
    status_ = status;
    head_.status = status;
  }

  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    head_.headers.emplace_back(std_view(name), std_view(value));
  }

  void on_header_impl(error_code&) override {
    if (!is_interim()) {
      receiver_.on_parsed_head(std::move(head_));
    }
    head_ = {};
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(string_view body, error_code& error) override {
    return pass_on(body, error);
  }

  void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override {
    in_chunk_ = size > 0;
  }

  std::size_t on_chunk_body_impl(std::uint64_t left, string_view body, error_code& error) override {
    in_chunk_ = left > body.size();
    return pass_on(body, error);
  }

  void on_finish_impl(error_code&) override {}

  std::size_t pass_on(string_view body, error_code& error) {
    if (!body.empty() && !receiver_.on_parsed_body(std_view(body))) {
      stopped_ = true;
      error = boost::asio::error::operation_aborted;
    }
    return body.size();
  }

  response_receiver& receiver_;
  http_response_head head_;
  int status_ = 0;
  bool stopped_ = false;
  bool in_chunk_ = false;
};

http_error error_of(const error_code& code, std::uint64_t body_bytes_max) {
  if (code == http::error::body_limit) {
    return {http_error_kind::body_too_large,
            "the answer is longer than " + std::to_string(body_bytes_max) + " bytes"};
  }
  if (code == http::error::header_limit) {
    return {http_error_kind::protocol, "the answer's head is longer than 64 KiB"};
  }
  if (code == http::error::partial_message || code == http::error::end_of_stream) {
    return {http_error_kind::reset, "the connection was closed in the middle of the answer"};
  }
  return {http_error_kind::protocol, "not a valid HTTP answer: " + code.message()};
}

class beast_parser final : public response_parser {
public:
  beast_parser(response_receiver& receiver, const parser_limits& limits)
    : receiver_{receiver}, limits_{limits} {
    answer_.emplace(receiver_, limits_);
  }

  std::size_t feed(std::string_view bytes) override {
    std::size_t taken = 0;
    while (state_ == parse_state::wants_more && taken < bytes.size()) {
      auto code = error_code{};
      auto rest = bytes.substr(taken);
      if (rest.size() < answer_->least_bytes())
        break;
      auto took = answer_->put(boost::asio::const_buffer{rest.data(), rest.size()}, code);
      taken += took;
      if (code && code != http::error::need_more) {
        fail(code);
      } else if (answer_->is_done()) {
        end_answer();
      } else if (code || took == 0) {
        break;
      }
    }
    return taken;
  }

  void finish() override {
    auto code = error_code{};
    if (answer_->got_some()) {
      answer_->put_eof(code);
    } else {
      code = http::error::end_of_stream;
    }
    if (code) {
      fail(code);
    } else {
      state_ = parse_state::done;
    }
  }

  [[nodiscard]] parse_state state() const override { return state_; }
  [[nodiscard]] const http_error& error() const override { return error_; }
  [[nodiscard]] bool keeps_alive() const override {
    return state_ == parse_state::done && answer_->keep_alive() && !answer_->need_eof();
  }

private:
  void fail(const error_code& code) {
    state_ = answer_->was_stopped() ? parse_state::stopped : parse_state::failed;
    error_ = error_of(code, limits_.body_bytes_max);
  }

  void end_answer() {
    if (answer_->is_interim() && ++interim_count_ <= interim_max) {
      answer_.emplace(receiver_, limits_);
    } else if (answer_->is_interim()) {
      state_ = parse_state::failed;
      error_ = {http_error_kind::protocol, "too many interim (1xx) answers"};
    } else {
      state_ = parse_state::done;
    }
  }

  static constexpr int interim_max = 8;

  response_receiver& receiver_;
  parser_limits limits_;
  std::optional<one_answer> answer_;
  parse_state state_ = parse_state::wants_more;
  http_error error_;
  int interim_count_ = 0;
};

}  // namespace

std::unique_ptr<response_parser> make_response_parser(response_receiver& receiver,
                                                      const parser_limits& limits) {
  return std::make_unique<beast_parser>(receiver, limits);
}

}  // namespace persona_runtime
