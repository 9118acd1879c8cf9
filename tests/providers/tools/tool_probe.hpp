#pragma once
// Calls tools as an executor would and waits for what they answer.

#include "providers/tools/tool_body.hpp"

#include <future>
#include <memory>
#include <optional>
#include <string>

namespace persona_runtime::testing {

inline tool_request request_for(std::string arguments, std::string workspace = {}) {
  auto request = tool_request{};
  request.call.arguments = std::move(arguments);
  request.workspace = std::move(workspace);
  return request;
}

/// The answer of one call; an error result when none comes within 30 s.
inline tool_result answer_of(tool_body& tool, tool_request request) {
  auto answered = std::make_shared<std::promise<tool_result>>();
  auto future = answered->get_future();
  const auto call = tool.start(std::move(request),
                               [answered](tool_result r) { answered->set_value(std::move(r)); });
  if (future.wait_for(std::chrono::seconds{30}) == std::future_status::ready)
    return future.get();
  call->cancel();
  auto late = tool_result{};
  late.is_error = true;
  late.content = "no answer";
  return late;
}

}  // namespace persona_runtime::testing
