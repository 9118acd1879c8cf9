#pragma once
// Operator's tools that are HTTP endpoints.

#include "providers/http/http_client.hpp"
#include "providers/tools/tool_body.hpp"

#include <memory>
#include <string>

namespace persona_runtime {

/// The tool of this definition: POSTs the call as JSON (tool_exchange.hpp) to `url`, an absolute
/// http or https URL. Status 200 makes the body the result; every other status, a redirect
/// included, and every failure of the exchange is an error result that names it. The definition's
/// time limit is kept here too. `url` may lead to any address: whoever writes the configuration is
/// trusted. Answers of more than 8 MiB are errors, of more than 256 KiB are cut with a note.
/// `client` must outlive the tool's calls. Does not check arguments.
[[nodiscard]] std::shared_ptr<tool_body> make_http_tool(tool_definition definition, std::string url,
                                                        http_client& client);

}  // namespace persona_runtime
