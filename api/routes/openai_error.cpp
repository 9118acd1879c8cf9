#include "api/routes/openai_error.hpp"

#include "api/routes/json_member.hpp"
#include "domain/text/json_text.hpp"

#include <boost/json.hpp>

#include <array>

namespace persona_runtime::api {
namespace {

namespace json = boost::json;

constexpr auto bad_request = std::string_view{"invalid_request_error"};
constexpr auto server_error = std::string_view{"server_error"};

/// How one of our tokens is told. An empty `param` leaves that of the error's context.
struct told_token {
  std::string_view token;
  unsigned status;
  std::string_view type;
  std::string_view code;
  std::string_view param;
  bool may_retry;  // when it ended a completion that was under way
};

constexpr auto told = std::to_array<told_token>({
  {"authentication_error", 401, bad_request, "invalid_api_key", "", false},
  {"persona_not_found", 404, bad_request, "model_not_found", "model", false},
  {"conversation_not_found", 404, bad_request, "conversation_not_found", "metadata", false},
  {"validation_error", 400, bad_request, "", "", false},
  {"malformed_json", 400, bad_request, "", "", false},
  {"context_overflow", 400, bad_request, "context_length_exceeded", "messages", false},
  {"turn_already_active", 409, bad_request, "turn_already_active", "metadata", false},
  {"rate_limit_exceeded", 429, "requests", "rate_limit_exceeded", "", true},
  {"rate_limited", 429, "requests", "rate_limit_exceeded", "", true},
  {"overloaded", 503, server_error, "overloaded", "", true},
  {"model_unavailable", 503, server_error, "model_unavailable", "", true},
  {"journal_unavailable", 503, server_error, "journal_unavailable", "", true},
  {"budget_exhausted", 503, server_error, "budget_exhausted", "", false},
  {"internal_error", 500, server_error, "internal_error", "", false},
});

const told_token* told_of(std::string_view token) {
  for (const auto& row : told) {
    if (row.token == token)
      return &row;
  }
  return nullptr;
}

/// A text, or what a list of problems says.
std::string message_of_detail(const json::object& body) {
  const auto* detail = body.if_contains("detail");
  const auto* list = detail == nullptr ? nullptr : detail->if_array();
  if (list == nullptr)
    return text_at(body, "detail");
  auto text = std::string{};
  for (const auto& each : *list) {
    if (const auto* problem = each.if_object())
      text.append(text.empty() ? "" : "; ").append(text_at(*problem, "msg"));
  }
  return text;
}

std::string param_of(const json::object& body) {
  const auto* about = body.if_contains("context");
  if (about == nullptr || !about->is_object())
    return {};
  const auto field = text_at(about->get_object(), "field");
  return field.starts_with("body.") ? field.substr(5) : field;
}

}  // namespace

std::string openai_error_json(std::string_view message, std::string_view type,
                              std::string_view param, std::string_view code) {
  auto out = std::string{};
  auto o = json_writer{out};
  auto e = json_writer{o.key("error")};
  e.text("message", message).text("type", type);
  e.text_or_null("param", param, !param.empty()).text_or_null("code", code, !code.empty());
  e.close();
  o.close();
  return out;
}

http_answer openai_answer(const openai_problem& problem) {
  return {.status = 400,
          .body = openai_error_json(problem.message, bad_request, problem.param, problem.code)};
}

http_answer in_openai_form(http_answer ours) {
  auto ec = boost::system::error_code{};
  const auto parsed = json::parse(ours.body, ec);
  const auto* body = ec ? nullptr : parsed.if_object();
  if (body == nullptr || body->if_contains("error") == nullptr || !body->at("error").is_string())
    return ours;
  const auto token = text_at(*body, "error");
  const auto message = message_of_detail(*body);
  const auto* row = told_of(token);
  if (row == nullptr) {
    const auto type = ours.status < 500 ? bad_request : server_error;
    ours.body = openai_error_json(message, type, param_of(*body), token);
    return ours;
  }
  ours.status = row->status;
  const auto param = row->param.empty() ? param_of(*body) : std::string{row->param};
  ours.body = openai_error_json(message, row->type, param, row->code);
  return ours;
}

openai_failure openai_failure_of(const completion_end& end) {
  if (end.status == message_status::cancelled)
    return {503, openai_error_json("the turn was cancelled", server_error, "", "cancelled"), false};
  if (const auto* row = told_of(end.error_kind)) {
    const auto is_inside = row->status == 500;
    return {row->status,
            openai_error_json(is_inside ? "the server could not answer this request" : end.error,
                              row->type, row->param, row->code),
            row->may_retry};
  }
  // Whatever a model's endpoint said is about our own call, not about the client's.
  return {502, openai_error_json(end.error, server_error, "", end.error_kind), false};
}

}  // namespace persona_runtime::api
