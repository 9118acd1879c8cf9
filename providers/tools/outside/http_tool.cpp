#include "providers/tools/outside/http_tool.hpp"

#include "domain/tool/result_bounds.hpp"
#include "providers/tools/outside/answer_collector.hpp"
#include "providers/tools/outside/tool_exchange.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::size_t answer_bytes_max = 8u << 20;
constexpr std::size_t answer_shown_bytes_max = 2u << 10;
constexpr int status_ok = 200;

std::string broken_off(const http_error& error) {
  switch (error.kind) {
  case http_error_kind::timeout:
    return "did not answer in time (" + error.detail + ").";
  case http_error_kind::body_too_large:
    return "answered more than " + std::to_string(answer_bytes_max)
           + " bytes, which is the most that is read.";
  case http_error_kind::bad_url:
  case http_error_kind::resolve_failed:
  case http_error_kind::connect_failed:
  case http_error_kind::tls_failed:
    return "could not be reached: " + error.detail + ".";
  case http_error_kind::refused:
    return "was not called: " + error.detail + ".";
  case http_error_kind::reset:
  case http_error_kind::protocol:
  case http_error_kind::cancelled:
    break;
  }
  return "broke off: " + error.detail + ". Whether it did its work is unknown.";
}

std::string wrong_status(const http_answer& answer) {
  auto body = tail_of(std::string_view{answer.body}.substr(0, answer_shown_bytes_max),
                      answer_shown_bytes_max);
  return "answered with HTTP status " + std::to_string(answer.head.status)
         + (body.empty() ? "." : ":\n" + body);
}

tool_result result_of(const tool_definition& tool, const http_answer& answer) {
  if (answer.error)
    return error_result("The tool " + tool.name + " " + broken_off(*answer.error));
  if (answer.head.status != status_ok)
    return error_result("The tool " + tool.name + " " + wrong_status(answer));
  return answer_of(answer.body, answer.body_bytes);
}

class http_tool final : public tool_body {
public:
  http_tool(tool_definition definition, std::string url, http_client& client)
    : definition_{std::make_shared<const tool_definition>(std::move(definition))},
      url_{std::move(url)}, client_{client} {}

  const tool_definition& definition() const override { return *definition_; }

  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    const auto limit = definition_->timeout;
    auto post =
      http_request{.method = "POST",
                   .url = url_,
                   .headers = {{"Content-Type", "application/json"},
                               {"Accept", "application/json, text/plain;q=0.9, */*;q=0.1"},
                               {"User-Agent", "persona-runtime"}},
                   .body = call_text(request, definition_->name),
                   .timeouts = {.connect = std::min(http_timeouts{}.connect, limit),
                                .first_byte = limit,
                                .between = limit,
                                .total = limit},
                   .body_bytes_max = answer_bytes_max,
                   .address = std::nullopt};
    return client_.start(std::move(post),
                         std::make_shared<answer_collector>(
                           tool_result_bytes_max, when_full::count,
                           [tool = definition_, done = std::move(done)](const http_answer& answer) {
                             done(result_of(*tool, answer));
                           }));
  }

private:
  std::shared_ptr<const tool_definition> definition_;
  std::string url_;
  http_client& client_;
};

}  // namespace

std::shared_ptr<tool_body> make_http_tool(tool_definition definition, std::string url,
                                          http_client& client) {
  return std::make_shared<http_tool>(std::move(definition), std::move(url), client);
}

}  // namespace persona_runtime
