#pragma once
// The tool that searches the web, over one of the engines that an operator has a key for.

#include "domain/tool/search_hits.hpp"
#include "providers/http/http_client.hpp"
#include "providers/tools/tool_body.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace persona_runtime {

struct web_search_options {
  search_engine engine = search_engine::brave;
  std::string api_key;     // sent to the engine, shown nowhere
  std::string endpoint{};  // empty: the engine's own address
  std::chrono::milliseconds timeout{30'000};
};

/// web_search {query, max_results = 5}: at most 20 results (spec persona-tools §13.1). A refused
/// key names the variable that it comes from; every failure is an error result. `client` must
/// outlive the tool's calls. Does not check arguments.
[[nodiscard]] std::shared_ptr<tool_body> make_web_search(http_client& client,
                                                         web_search_options options);

}  // namespace persona_runtime
