#include "load/model_simulator.hpp"

#include "domain/text/listen_address.hpp"
#include "load/simulated_answer.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <charconv>
#include <functional>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace persona_runtime {
namespace {

using namespace std::chrono_literals;
namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::uint32_t head_bytes_max = 16u << 10;
constexpr std::uint64_t request_bytes_max = 8u << 20;
constexpr std::size_t write_bytes = 64u << 10;  // gathered before they are sent
constexpr auto farewell_time = 2s;              // for a client to read why it is sent away
constexpr auto accept_pause = 100ms;            // when there is no descriptor for a connection

/// What all clients share: how they are answered, who is there, and who wants to know when somebody
/// leaves. On the simulator's thread.
struct visitors {
  simulation how;
  simulator_limits limits;
  std::size_t open = 0;
  std::function<void()> on_room{};
};

std::string head_of(const simulated_answer& answer, bool keeps_alive) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  auto head = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  head.append(reason.data(), reason.size()).append("\r\nContent-Type: ").append(answer.type);
  if (!answer.retry_after.empty())
    head.append("\r\nRetry-After: ").append(answer.retry_after);
  if (answer.streamed)
    head.append("\r\nTransfer-Encoding: chunked");
  else
    head.append("\r\nContent-Length: ").append(std::to_string(answer.body.size()));
  return head.append(keeps_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
}

void append_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty())
    return;  // an empty chunk would end the body
  auto digits = std::array<char, 20>{};
  const auto end =
    std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
  out.append(digits.data(), end).append("\r\n").append(bytes).append("\r\n");
}

/// One client: reads a request, answers it, reads the next.
class simulator_client : public std::enable_shared_from_this<simulator_client> {
public:
  simulator_client(tcp::socket socket, visitors& all)
    : stream_{std::move(socket)}, timer_{stream_.get_executor()}, all_{all} {
    ++all_.open;
    const int on = 1;  // tokens are small, and late ones would spoil what is measured
    static_cast<void>(
      ::setsockopt(stream_.socket().native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  }
  ~simulator_client() {
    --all_.open;
    if (all_.on_room)
      all_.on_room();
  }
  simulator_client(const simulator_client&) = delete;
  simulator_client& operator=(const simulator_client&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(head_bytes_max);
    parser_->body_limit(request_bytes_max);
    stream_.expires_after(all_.limits.transfer);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](const error_code& ec, std::size_t) {
                              if (!self->is_refused(ec))
                                self->read_body();
                            });
  }

private:
  void read_body() {
    if (parser_->chunked()) {
      refuse(411, "a Content-Length is needed");
      return;
    }
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& ec, std::size_t) {
                       if (!self->is_refused(ec))
                         self->begin_answer();
                     });
  }

  /// True when nothing more is to be read: the client left, or was told what is wrong.
  bool is_refused(const error_code& ec) {
    if (!ec)
      return false;
    if (ec == http::error::body_limit)
      refuse(413, "the body is longer than 8 MiB");
    else if (ec == http::error::header_limit)
      refuse(431, "the head is longer than 16 KiB");
    else if (ec.category() == http::make_error_code(http::error::bad_method).category()
             && ec != http::error::end_of_stream && ec != http::error::partial_message)
      refuse(400, "not an HTTP request");
    return true;
  }

  void refuse(int status, std::string_view message) {
    const auto target = parser_->get().target();
    keeps_alive_ = false;
    answer_ = refusal_of({target.data(), target.size()}, status, message);
    send_whole();
  }

  void begin_answer() {
    const auto& request = parser_->get();
    const auto method = request.method_string();
    const auto target = request.target();
    keeps_alive_ = parser_->keep_alive();
    answer_ = answer_to({method.data(), method.size()}, {target.data(), target.size()},
                        request.body(), all_.how);
    parser_.reset();
    const auto first = answer_.streamed ? answer_.streamed->first_token : answer_.wait;
    if (first > 0ms || (answer_.streamed && answer_.streamed->between_tokens > 0ms))
      watch();
    pause(first, &simulator_client::send_first);
  }

  void send_first() {
    if (!answer_.streamed) {
      send_whole();
      return;
    }
    next_token_ = 0;
    out_ = head_of(answer_, keeps_alive_);
    append_chunk(out_, answer_.shape->opening(*answer_.streamed));
    send_tokens();
  }

  void send_whole() {
    out_ = head_of(answer_, keeps_alive_) + answer_.body;
    send(&simulator_client::end_answer);
  }

  /// As many as are due together.
  void send_tokens() {
    const auto& reply = *answer_.streamed;
    const auto is_paced = reply.between_tokens > 0ms;
    for (auto is_first = true; next_token_ < reply.ends.size(); is_first = false) {
      if (!is_first && (is_paced || out_.size() >= write_bytes))
        break;
      append_chunk(out_, answer_.shape->token(reply, next_token_++));
    }
    if (next_token_ < reply.ends.size()) {
      send(&simulator_client::wait_for_token);
      return;
    }
    append_chunk(out_, answer_.shape->closing(reply, answer_.with_usage));
    out_ += "0\r\n\r\n";
    send(&simulator_client::end_answer);
  }

  void wait_for_token() { pause(answer_.streamed->between_tokens, &simulator_client::send_tokens); }

  void end_answer() {
    answer_ = {};
    ++served_;
    auto ec = error_code{};
    stream_.socket().cancel(ec);  // the watch
    if (keeps_alive_) {
      read();
      return;
    }
    stream_.socket().shutdown(tcp::socket::shutdown_send, ec);
    stream_.expires_after(farewell_time);
    out_.resize(write_bytes);
    read_to_end();
  }

  /// Closing with unread bytes would reset the connection, and the answer might be lost.
  void read_to_end() {
    stream_.async_read_some(net::buffer(out_),
                            [self = shared_from_this()](const error_code& ec, std::size_t) {
                              if (!ec)
                                self->read_to_end();
                            });
  }

  void send(void (simulator_client::*then)()) {
    if (out_.empty()) {
      (this->*then)();
      return;
    }
    stream_.expires_after(all_.limits.transfer);
    net::async_write(stream_, net::buffer(out_),
                     [self = shared_from_this(), then](const error_code& ec, std::size_t) {
                       self->out_.clear();
                       if (!ec)
                         (self.get()->*then)();
                     });
  }

  void pause(std::chrono::milliseconds length, void (simulator_client::*then)()) {
    if (length <= 0ms) {
      (this->*then)();
      return;
    }
    timer_.expires_after(length);
    timer_.async_wait([self = shared_from_this(), then](const error_code& ec) {
      if (!ec)
        (self.get()->*then)();
    });
  }

  /// A client that leaves during a pause takes its answer with it.
  void watch() {
    stream_.socket().async_wait(tcp::socket::wait_read,
                                [self = shared_from_this(), of = served_](const error_code& ec) {
                                  char byte = 0;
                                  if (ec || of != self->served_)
                                    return;
                                  const auto socket = self->stream_.socket().native_handle();
                                  if (::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
                                    self->leave();
                                });
  }

  void leave() {
    timer_.cancel();
    stream_.close();
  }

  boost::beast::tcp_stream stream_;
  net::steady_timer timer_;
  visitors& all_;
  boost::beast::flat_buffer buffer_{head_bytes_max * 4};
  std::optional<http::request_parser<http::string_body>> parser_;
  simulated_answer answer_;
  std::string out_;
  std::size_t next_token_ = 0;
  std::uint64_t served_ = 0;
  bool keeps_alive_ = true;
};

class served_simulator final : public model_simulator {
public:
  served_simulator(simulation how, const simulator_limits& limits) : all_{std::move(how), limits} {}

  ~served_simulator() override {
    context_.stop();
    worker_.join();
    all_.on_room = nullptr;  // clients go with the context, and then nobody accepts
  }

  error_code open(const tcp::endpoint& at) {
    auto ec = error_code{};
    acceptor_.open(at.protocol(), ec);
    if (!ec)
      acceptor_.set_option(net::socket_base::reuse_address{true}, ec);
    if (!ec)
      acceptor_.bind(at, ec);
    if (!ec)
      acceptor_.listen(net::socket_base::max_listen_connections, ec);
    if (!ec)
      bound_ = acceptor_.local_endpoint(ec);
    if (!ec)
      net::post(context_, [this] { accept(); });
    return ec;
  }

  [[nodiscard]] std::string bound_address() const override {
    const auto host = bound_.address().to_string();
    return (bound_.address().is_v6() ? "[" + host + "]" : host) + ":"
           + std::to_string(bound_.port());
  }

private:
  void accept() {
    if (all_.open >= all_.limits.connections) {
      all_.on_room = [this] {
        all_.on_room = nullptr;
        net::post(context_, [this] { accept(); });
      };
      return;
    }
    acceptor_.async_accept([this](const error_code& ec, tcp::socket socket) {
      if (ec) {
        pause_.expires_after(accept_pause);
        pause_.async_wait([this](const error_code& stopped) {
          if (!stopped)
            accept();
        });
        return;
      }
      std::make_shared<simulator_client>(std::move(socket), all_)->read();
      accept();
    });
  }

  visitors all_;
  net::io_context context_{1};  // goes before what its clients look at
  net::executor_work_guard<net::io_context::executor_type> guard_{context_.get_executor()};
  tcp::acceptor acceptor_{context_};
  net::steady_timer pause_{context_};
  tcp::endpoint bound_;
  std::thread worker_{[this] { context_.run(); }};
};

failure bad_listen(std::string_view address, std::string_view why) {
  return {errc::validation_error,
          "listen: cannot use '" + std::string{address.substr(0, 128)} + "': " + std::string{why}};
}

}  // namespace

result<std::unique_ptr<model_simulator>>
model_simulator::start(std::string_view address, simulation how, const simulator_limits& limits) {
  constexpr auto form = "write it as ADDRESS:PORT, for example 127.0.0.1:9000 or [::1]:0";
  const auto read = parse_listen_address(address);
  auto ec = error_code{};
  const auto ip = read ? net::ip::make_address(read->numeric_host(), ec) : net::ip::address{};
  if (!read || ec)
    return bad_listen(address, form);
  auto made = std::make_unique<served_simulator>(std::move(how), limits);
  if (const auto failed = made->open({ip, read->port}); failed)
    return bad_listen(address, failed.message());
  return std::unique_ptr<model_simulator>{std::move(made)};
}

}  // namespace persona_runtime
