#pragma once
// Messages and tools of a completion. Private to read_completion.

#include "api/routes/read_completion.hpp"

namespace persona_runtime::api {

/// Thrown within read_completion.cpp and its helpers only, and caught there: readers nest too deep
/// to hand a problem up by value.
struct completion_refused {
  openai_problem why;
};

[[noreturn]] void refuse_completion(std::string message, std::string param,
                                    std::string_view code = "");

[[nodiscard]] message_list read_completion_messages(const boost::json::value& list);
[[nodiscard]] std::vector<tool_definition> read_completion_tools(const boost::json::value& list);

}  // namespace persona_runtime::api
