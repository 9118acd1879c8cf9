#include "bootstrap/cli/run_watcher.hpp"

#include "bootstrap/cli/json_fields.hpp"

#include <algorithm>
#include <charconv>

namespace persona_runtime::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto stream_max = std::chrono::hours{24 * 30};
constexpr auto stream_bytes_max = std::uint64_t{1} << 40;
constexpr auto retry_wait_max = std::chrono::milliseconds{10s};
constexpr auto tick_every = 100ms;

std::optional<std::uint64_t> number_of(std::string_view text) {
  auto number = std::uint64_t{0};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return std::nullopt;
  return number;
}

bool is_passing(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

run_watcher::run_watcher(run_server& server, event_printer& printer, const runs_options& options,
                         std::string_view id)
  : server_{server}, printer_{printer}, options_{options}, id_{id},
    begun_{std::chrono::steady_clock::now()}, ticked_{begun_} {
}

int run_watcher::watch() {
  while (true) {
    const auto after = follow_once();
    printer_.pause();
    if (after != outcome::again)
      return code_;
    if (++tries_ > options_.tries_max)
      return server_.complain("the stream broke " + std::to_string(tries_)
                                + " times in a row without a new event; is the server healthy?",
                              exit_failed);
    const auto wait = options_.retry_wait * (1u << std::min(tries_ - 1, 10u));
    if (!wait_unless_stopped(std::min<std::chrono::milliseconds>(wait, retry_wait_max),
                             options_.stop))
      return server_.complain("stopped watching; the run goes on", exit_stopped);
  }
}

run_watcher::outcome run_watcher::follow_once() {
  auto parser = sse_parser{[this](const sse_event& frame) { return on_frame(frame); }};
  auto listener = http_listener{};
  listener.on_body = [&](std::string_view bytes) {
    const auto goes_on = parser.feed(bytes);
    tick_when_due();
    return goes_on;
  };
  listener.on_wait = [this] {
    hint_when_asked();
    tick_when_due();
    return true;
  };
  const auto reply = server_.call(next_request(), &listener);
  if (!has_ended_ && !parser.error().empty()) {
    code_ =
      server_.complain("the stream is not to be read: " + std::string{parser.error()}, exit_failed);
    return outcome::failed;
  }
  return judge(reply);
}

http_request run_watcher::next_request() const {
  auto out = server_.request("GET", "/v1/runs/" + id_ + "/events");
  if (cursor_)
    out.headers.emplace_back("Last-Event-ID", std::to_string(*cursor_));
  listen_for_events(out);
  out.timeouts.total = stream_max;
  out.body_bytes_max = stream_bytes_max;
  return out;
}

run_watcher::outcome run_watcher::judge(const http_reply& reply) {
  if (has_ended_ || reply.status == 204)
    return outcome::ended;
  if (reply.is_stopped) {
    code_ = server_.complain("stopped watching; the run goes on", exit_stopped);
    return outcome::failed;
  }
  // A server that never was there is a wrong address; one that went away may be starting again.
  const auto is_stream = reply.status == 200;
  was_joined_ = was_joined_ || is_stream;
  if (is_stream || (was_joined_ && (reply.is_broken || is_passing(reply.status))))
    return outcome::again;
  code_ = server_.explain(reply);
  return outcome::failed;
}

// False ends the connection.
bool run_watcher::on_frame(const sse_event& frame) {
  if (frame.name == "end") {
    has_ended_ = true;
    return false;
  }
  if (frame.name != "delta") {
    on_event(frame);
  } else if (const auto delta = object_of(frame.data); delta) {
    if (const auto* data = object_at(*delta, "data"))
      printer_.on_delta(json::serialize(*data));
  }
  return true;
}

void run_watcher::on_event(const sse_event& frame) {
  const auto seq = number_of(frame.id);
  if (seq && cursor_ && *seq <= *cursor_)
    return;
  if (seq)
    cursor_ = seq;
  tries_ = 0;
  is_asking_ = frame.name == "asking_user";
  printer_.on_event(frame.data);
}

void run_watcher::tick_when_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now - ticked_ < tick_every)
    return;
  ticked_ = now;
  printer_.tick(std::chrono::duration_cast<std::chrono::seconds>(now - begun_));
}

// Only when nothing follows: a replayed question has been answered long ago.
void run_watcher::hint_when_asked() {
  if (is_asking_)
    printer_.note("answer with: persona runs answer " + id_ + " TEXT");
  is_asking_ = false;
}

}  // namespace persona_runtime::cli
