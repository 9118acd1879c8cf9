#include "bootstrap/cli/http_call.hpp"

#include "providers/http/client.hpp"
#include "providers/http/io_thread.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace persona_runtime::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto waiting_bytes_max = std::size_t{1} << 20;
constexpr auto look_around = 100ms;

bool is_set(const std::atomic<bool>* stop) {
  return stop != nullptr && stop->load();
}

/// Between the thread of the sockets, which fills it, and the caller, who empties it.
class mail final : public http_handler {
public:
  void on_head(const http_response_head& head) override {
    change([&] { head_ = head; });
  }
  // Blocks when too much waits. The thread serves this one exchange, so that nothing else suffers,
  // and the sender feels it through its window.
  void on_body(std::string_view bytes) override {
    auto lock = std::unique_lock{mutex_};
    changed_.wait(lock, [&] { return is_closed_ || waiting_.size() < waiting_bytes_max; });
    if (!is_closed_)
      waiting_.append(bytes);
    changed_.notify_all();
  }
  void on_end() override {
    change([&] { is_over_ = true; });
  }
  void on_error(const http_error& error) override {
    change([&] {
      error_ = error;
      is_broken_ = true;
      is_over_ = true;
    });
  }

  /// Lets on_body go for good.
  void close() {
    change([&] { is_closed_ = true; });
  }

  struct delivery {
    int status = 0;
    std::string bytes;
    bool is_over = false;  // and no more bytes
  };
  /// Waits a moment for anything.
  delivery next() {
    auto lock = std::unique_lock{mutex_};
    changed_.wait_for(lock, look_around, [&] { return is_over_ || !waiting_.empty(); });
    auto out = delivery{head_.status, std::exchange(waiting_, {}), is_over_};
    changed_.notify_all();
    return out;
  }
  /// Head and error, once it is over or closed.
  void tell(http_reply& reply) {
    const auto lock = std::lock_guard{mutex_};
    reply.status = head_.status;
    reply.headers = head_.headers;
    reply.error = error_;
    reply.is_broken = is_broken_;
  }

private:
  template <class Change>
  void change(Change what) {
    const auto lock = std::lock_guard{mutex_};
    what();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  http_response_head head_;
  http_error error_;
  std::string waiting_;
  bool is_over_ = false;
  bool is_broken_ = false;
  bool is_closed_ = false;
};

/// False: the listener has had enough.
bool take(mail::delivery& piece, const http_listener* listener, http_reply& reply) {
  const auto listens = listener != nullptr && piece.status == 200;
  if (!piece.bytes.empty()) {
    if (listens && !listener->on_body(piece.bytes))
      return false;
    if (!listens)
      reply.body += piece.bytes;
  } else if (listener != nullptr && listener->on_wait && !piece.is_over) {
    return listener->on_wait();
  }
  return true;
}

}  // namespace

std::string_view http_reply::header(std::string_view name) const {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a)
           == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b);
  };
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return std::equal(header.first.begin(), header.first.end(), name.begin(), name.end(), same);
  });
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

struct http_caller::parts {
  io_thread io;
  std::unique_ptr<http_client> client;  // on `io`: goes first
};

http_caller::http_caller() : parts_{std::make_unique<parts>()} {
}

http_caller::~http_caller() = default;

result<std::unique_ptr<http_caller>> http_caller::make() {
  auto made = std::unique_ptr<http_caller>{new http_caller};
  auto client = make_http_client(made->parts_->io.context(), {});
  if (!client)
    return client.error();
  made->parts_->client = std::move(*client);
  return made;
}

http_reply http_caller::call(http_request request, const std::atomic<bool>* stop,
                             const http_listener* listener) {
  const auto box = std::make_shared<mail>();
  const auto call = parts_->client->start(std::move(request), box);
  auto reply = http_reply{};
  while (true) {
    auto piece = box->next();
    const auto goes_on = !is_set(stop) && take(piece, listener, reply);
    if (!goes_on) {
      reply.is_stopped = true;
      call->cancel();
      break;
    }
    if (piece.is_over)
      break;
  }
  box->close();
  box->tell(reply);
  return reply;
}

bool wait_unless_stopped(std::chrono::milliseconds time, const std::atomic<bool>* stop) {
  auto mutex = std::mutex{};
  auto never = std::condition_variable{};
  auto lock = std::unique_lock{mutex};
  const auto end = std::chrono::steady_clock::now() + time;
  while (!is_set(stop)) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end)
      return true;
    never.wait_until(lock, std::min(end, now + look_around));
  }
  return false;
}

}  // namespace persona_runtime::cli
