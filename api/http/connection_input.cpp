// What a connection makes of the bytes that come: requests, one after the other.

#include "api/http/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <utility>

namespace persona_runtime::api {
namespace {

namespace net = boost::asio;

// Bytes that may wait while a request is answered; more stay in the kernel until it is done.
constexpr auto input_max = std::size_t{32} << 10;

class way_back final : public exchange {
public:
  way_back(std::weak_ptr<connection> to, std::shared_ptr<loop_door> door, std::uint32_t serial)
    : to_{std::move(to)}, door_{std::move(door)}, serial_{serial} {}

  void post(std::function<void(reply_port&)> work) override {
    door_->post([to = to_, serial = serial_, work = std::move(work)] {
      if (const auto target = to.lock())
        target->perform(serial, work);
    });
  }

private:
  const std::weak_ptr<connection> to_;
  const std::shared_ptr<loop_door> door_;
  const std::uint32_t serial_;
};

}  // namespace

void connection::wait_readable() {
  if (is_reading_ || !is_open() || has_input_ended_ || input_.size() > input_max)
    return;
  is_reading_ = true;
  socket_.async_wait(edge_socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& ec) {
                       self->is_reading_ = false;
                       if (ec || !self->is_open())
                         return;
                       self->on_readable();
                       self->wait_readable();
                       self->settle();
                     });
}

void connection::on_readable() {
  auto ec = boost::system::error_code{};
  auto& space = loop_->read_space();
  const auto count = socket_.read_some(net::buffer(space), ec);
  if (ec == net::error::would_block || ec == net::error::try_again)
    return;
  if (ec) {
    on_input_end();
  } else if (is_parsing() && input_.empty()) {
    run_input({space.data(), count});
  } else if (phase_ != phase::leaving) {
    input_.append(space.data(), count);
    if (is_parsing())
      run_input(std::exchange(input_, {}));
  }
}

// A client that closes its side may still read an answer, but nobody half-closes a stream: there
// it means that the client is gone.
void connection::on_input_end() {
  has_input_ended_ = true;
  keep_alive_ = false;
  const auto is_simple_answer = phase_ == phase::answering && responder_ == nullptr;
  if (!is_simple_answer && phase_ != phase::sending)
    close();
}

void connection::run_input(std::string_view bytes) {
  if (is_running_input_)
    return;
  is_running_input_ = true;
  while (is_parsing() && !bytes.empty()) {
    const auto used = parse(bytes);
    bytes.remove_prefix(used);
    if (is_parsing() && phase_ != phase::idle)
      break;  // needs more than there is
  }
  is_running_input_ = false;
  input_ = std::string{bytes};
}

std::size_t connection::parse(std::string_view bytes) {
  auto used = std::size_t{0};
  if (!parser_) {
    // RFC 9112 §2.2: empty lines before a request are to be ignored.
    used = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (used == bytes.size())
      return used;
    if (is_refused_) {
      answer_fault(503, "overloaded", "too many connections are open");
      return bytes.size();
    }
    parser_ = std::make_unique<request_parser>(request_parser::bounds{
      header_bytes_max, body_bytes_max, large_body_bytes_max, takes_large_body});
    if (!is_first_)
      enter(phase::header);
    phase_ = phase::header;
  }
  used += parser_->feed(bytes.substr(used));
  if (const auto fault = parser_->failed()) {
    answer_fault(fault->status, fault->token, fault->detail);
  } else if (parser_->is_complete()) {
    begin_request();
  } else if (parser_->has_head() && phase_ == phase::header) {
    begin_body();
  }
  return used;
}

void connection::begin_body() {
  const auto room = parser_->large_length();
  if (!loop_->take_body_room(room))
    return answer_fault(503, "overloaded", "too many large bodies are on their way");
  body_room_ = room;
  enter(phase::body);
  if (parser_->wants_continue()) {
    queue_.push(out_item::of(std::string{"HTTP/1.1 100 Continue\r\n\r\n"}));
    flush();
  }
}

void connection::drop_parser() {
  parser_.reset();
  loop_->give_body_room(std::exchange(body_room_, 0));
}

void connection::begin_request() {
  auto request = parser_->take();
  drop_parser();
  ++serial_;
  is_first_ = false;
  keep_alive_ = request.keep_alive && !has_input_ended_;
  is_head_only_ = request.method == "HEAD";
  is_http_1_0_ = request.http_1_0;
  enter(phase::answering);
  loop_->handler().on_request(std::move(request), *this,
                              std::make_shared<way_back>(weak_from_this(), loop_->door(), serial_));
}

void connection::answer_fault(unsigned status, std::string_view token, std::string detail) {
  drop_parser();
  label(route_count - 1, {});
  is_head_only_ = false;
  enter(phase::answering);
  answer(loop_->handler().on_fault(status, token, std::move(detail)));
}

void connection::perform(std::uint32_t serial, const std::function<void(reply_port&)>& work) {
  if (serial != serial_ || !is_engaged())
    return;
  work(*this);
  settle();
}

}  // namespace persona_runtime::api
