#include "load/simulated_answer.hpp"

#include "load/simulated_request.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace persona_runtime {
namespace {

struct chat_route {
  std::string_view path;
  model_protocol protocol;
};

constexpr auto chat_routes = std::array<chat_route, 3>{{
  {"/v1/chat/completions", model_protocol::openai},
  {"/v1/messages", model_protocol::anthropic},
  {"/api/chat", model_protocol::ollama},
}};

/// What clients ask before they chat.
struct fixed_route {
  std::string_view method;
  std::string_view path;
  std::string_view body;
};

constexpr auto fixed_routes = std::array<fixed_route, 4>{{
  {"GET", "/v1/models",
   R"({"object":"list","data":[{"id":"simulated","object":"model","created":1735689600,)"
   R"("owned_by":"persona-runtime"}]})"},
  {"GET", "/api/tags",
   R"({"models":[{"name":"simulated","model":"simulated",)"
   R"("modified_at":"2025-01-01T00:00:00Z","size":0,"digest":"","details":{}}]})"},
  {"GET", "/api/version", R"({"version":"0.0.0-simulated"})"},
  {"POST", "/api/show",
   R"({"details":{"family":"simulated"},"model_info":{"general.architecture":"simulated",)"
   R"("simulated.context_length":128000},"capabilities":["completion","tools"]})"},
}};

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

const chat_route* chat_route_of(std::string_view path) {
  const auto* found = std::find_if(chat_routes.begin(), chat_routes.end(),
                                   [&](const chat_route& r) { return r.path == path; });
  return found == chat_routes.end() ? nullptr : found;
}

simulated_answer refusal(const reply_shape& shape, int status, std::string_view message) {
  auto answer = simulated_answer{};
  answer.status = status;
  answer.body = shape.error(status, message);
  return answer;
}

std::chrono::milliseconds whole_wait(const simulated_reply& reply) {
  const auto gaps = reply.ends.empty() ? 0 : reply.ends.size() - 1;
  return reply.first_token + reply.between_tokens * static_cast<std::int64_t>(gaps);
}

simulated_answer chat_answer(model_protocol protocol, std::string_view body,
                             const simulation& how) {
  const auto& shape = shape_of(protocol);
  const auto request = read_simulated_request(protocol, body);
  if (!request)
    return refusal(shape, 400, request.error().detail);
  const auto& wishes = request->wishes;
  if (wishes.status != 0) {
    auto answer = refusal(shape, wishes.status, "as the request wished");
    answer.retry_after = wishes.retry_after;
    return answer;
  }
  auto reply = plan_reply(*request, how, body);
  auto answer = simulated_answer{};
  answer.shape = &shape;
  if (request->is_streamed) {
    answer.type = shape.stream_type();
    answer.with_usage = request->wants_usage;
    answer.streamed = std::make_shared<const simulated_reply>(std::move(reply));
  } else {
    answer.body = shape.whole(reply);
    answer.wait = whole_wait(reply);
  }
  return answer;
}

}  // namespace

simulated_answer refusal_of(std::string_view target, int status, std::string_view message) {
  const auto* route = chat_route_of(path_of(target));
  const auto is_ollama = path_of(target).starts_with("/api/");
  const auto protocol = is_ollama ? model_protocol::ollama : model_protocol::openai;
  return refusal(shape_of(route != nullptr ? route->protocol : protocol), status, message);
}

simulated_answer answer_to(std::string_view method, std::string_view target, std::string_view body,
                           const simulation& how) {
  const auto path = path_of(target);
  if (const auto* route = chat_route_of(path)) {
    if (method != "POST")
      return refusal_of(target, 405, "this path takes POST");
    return chat_answer(route->protocol, body, how);
  }
  const auto* fixed = std::find_if(fixed_routes.begin(), fixed_routes.end(), [&](const auto& r) {
    return r.path == path && r.method == method;
  });
  if (fixed == fixed_routes.end())
    return refusal_of(target, 404, "there is no such path here");
  auto answer = simulated_answer{};
  answer.body = fixed->body;
  return answer;
}

}  // namespace persona_runtime
