#include "bootstrap/cli/run_server.hpp"

#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/terminal_text.hpp"
#include "domain/text/utf8.hpp"
#include "providers/http/url.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <ostream>

namespace persona_runtime::cli {
namespace {

constexpr auto key_bytes_max = std::size_t{4096};
constexpr auto body_bytes_max = std::uint64_t{64} << 20;  // a run of many steps
constexpr auto detail_columns = std::size_t{400};

struct hint {
  std::string_view token;
  std::string_view text;
};

constexpr auto hints = std::array<hint, 7>{{
  {"run_not_found", "`persona runs list` shows the runs that this key may see"},
  {"run_not_active", "it has ended: `persona runs show ID` tells how"},
  {"not_awaiting_user", "it asks nothing now: `persona runs watch ID` shows what it does"},
  {"overloaded", "try again in a moment"},
  {"journal_unavailable", "the server cannot write its journal: look at its log"},
  {"rate_limit_exceeded", "try again later"},
  {"internal_error", "the server's log says why"},
}};

std::string_view hint_for(int status, std::string_view token) {
  if (status == 401)
    return "give the server's key with --key-file FILE or PERSONA_SERVER_KEY";
  const auto* found =
    std::find_if(hints.begin(), hints.end(), [&](const hint& h) { return h.token == token; });
  return found == hints.end() ? std::string_view{} : found->text;
}

std::string_view hint_for(http_error_kind kind) {
  switch (kind) {
  case http_error_kind::connect_failed:
    return "is the server running? Start it with `persona serve`, or name another one with "
           "--server URL";
  case http_error_kind::resolve_failed:
    return "is the name in --server right?";
  case http_error_kind::tls_failed:
    return "is its certificate valid for this name, and is it https at all?";
  case http_error_kind::timeout:
    return "it did not answer in time; try again, or look at its log";
  case http_error_kind::reset:
    return "the connection broke; try again";
  case http_error_kind::protocol:
    return "is this the address of a persona server, with http or https as it should be?";
  default:
    return {};
  }
}

std::string detail_of(const json::object& error) {
  const auto* detail = error.if_contains("detail");
  if (detail == nullptr)
    return {};
  return detail->is_string() ? std::string{text_at(error, "detail")} : json::serialize(*detail);
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool is_good(const http_reply& reply) {
  return !reply.is_broken && !reply.is_stopped && reply.status >= 200 && reply.status < 300;
}

bool is_printable(std::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

std::string escaped(std::string_view text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

bool is_run_id(std::string_view id) {
  return !id.empty() && id.size() <= 96 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || c == '-';
  });
}

run_server::run_server(const runs_options& options, std::string_view command, std::ostream& err)
  : command_{command}, server_{options.server}, key_{options.key}, stop_{options.stop}, err_{&err} {
}

std::optional<run_server> run_server::open(const runs_options& options, std::string_view command,
                                           std::ostream& err) {
  auto made = run_server{options, command, err};
  if (!made.take_key(options.key_file) || !made.take_server())
    return std::nullopt;
  auto http = http_caller::make();
  if (!http) {
    made.complain(http.error().detail, exit_failed);
    return std::nullopt;
  }
  made.http_ = std::move(*http);
  return made;
}

bool run_server::take_key(const std::string& file) {
  if (!file.empty()) {
    auto in = std::ifstream{file};
    auto text = std::string(key_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || !in.is_open() || text.size() > key_bytes_max) {
      complain("the key file " + file + " cannot be read, or is longer than 4 KiB", exit_usage);
      return false;
    }
    key_ = std::string{stripped(text.substr(0, text.find('\n')))};
    if (key_.empty()) {
      complain("the first line of the key file " + file + " is empty", exit_usage);
      return false;
    }
  }
  // The key itself never goes into a message.
  if (!is_printable(key_)) {
    complain("the key holds blanks or characters that are not ASCII", exit_usage);
    return false;
  }
  return true;
}

bool run_server::take_server() {
  while (server_.ends_with('/'))
    server_.pop_back();
  const auto url = parse_http_url(server_);
  if (!url) {
    complain("--server: " + url.error().detail, exit_usage);
    return false;
  }
  if (server_.find_first_of("?#") != std::string::npos) {
    complain("--server: an address without query, such as http://127.0.0.1:8080", exit_usage);
    return false;
  }
  if (!key_.empty() && !url->tls && !is_loopback(url->host))
    complain("the key goes over the network unencrypted; https would protect it", 0);
  return true;
}

http_request run_server::request(std::string_view method, std::string_view path,
                                 std::string body) const {
  auto out = http_request{};
  out.method = method;
  out.url = server_ + std::string{path};
  if (!key_.empty())
    out.headers.emplace_back("Authorization", "Bearer " + key_);
  if (!body.empty())
    out.headers.emplace_back("Content-Type", "application/json");
  out.body = std::move(body);
  out.body_bytes_max = body_bytes_max;
  return out;
}

http_reply run_server::call(http_request request, const http_listener* listener) {
  return http_->call(std::move(request), stop_, listener);
}

std::optional<std::string> run_server::body_of(http_request request, int& code) {
  auto reply = call(std::move(request));
  if (is_good(reply))
    return std::move(reply.body);
  code = explain(reply);
  return std::nullopt;
}

result<std::string> run_server::try_body(http_request request) {
  auto reply = call(std::move(request));
  if (is_good(reply))
    return std::move(reply.body);
  auto why = failure{errc::internal_error, safe_line(fault_of(reply))};
  auto seconds = unsigned{0};
  const auto wait = reply.header("retry-after");
  const auto read = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
  if (reply.status == 429 && read.ec == std::errc{})
    why.retry_after = std::chrono::seconds{seconds};
  return why;
}

int run_server::explain(const http_reply& reply) const {
  return complain(fault_of(reply), reply.is_stopped ? exit_stopped : exit_failed);
}

std::string run_server::fault_of(const http_reply& reply) const {
  if (reply.is_stopped)
    return "stopped";
  if (reply.is_broken) {
    const auto what = hint_for(reply.error.kind);
    return "cannot reach " + server_ + ": " + reply.error.detail + (what.empty() ? "" : "; ")
           + std::string{what};
  }
  const auto error = object_of(reply.body);
  const auto token = error ? text_at(*error, "error") : std::string_view{};
  if (token.empty())
    return server_ + " answered with HTTP status " + std::to_string(reply.status)
           + "; is this the address of a persona server?";
  auto text = std::string{token};
  if (const auto detail = detail_of(*error); !detail.empty())
    text += ": " + cut_to_columns(safe_line(detail), detail_columns);
  if (const auto what = hint_for(reply.status, token); !what.empty())
    text += "; " + std::string{what};
  if (const auto wait = reply.header("retry-after"); !wait.empty())
    text += " (after " + std::string{wait} + " s)";
  return text;
}

int run_server::complain(std::string_view text, int code) const {
  *err_ << command_ << ": " << safe_line(text) << std::endl;
  return code;
}

void listen_for_events(http_request& request) {
  // The server sends a comment every 15 s by default; four of them missing is a dead connection.
  constexpr auto silence_max = std::chrono::seconds{60};
  request.headers.emplace_back("Accept", "text/event-stream");
  request.timeouts.first_byte = silence_max;
  request.timeouts.between = silence_max;
}

}  // namespace persona_runtime::cli
