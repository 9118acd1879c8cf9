#pragma once
// One request as it came over the wire, reduced to what the edge reads.

#include <optional>
#include <string>

namespace persona_runtime::api {

struct http_request {
  std::string method;  // "GET"
  std::string target;  // as sent, undecoded
  std::string body;
  std::optional<std::string> host;
  std::optional<std::string> origin;
  std::optional<std::string> authorization;
  std::optional<std::string> last_event_id;
  std::optional<std::string> idempotency_key;
  std::string content_type;
  std::string accept;
  bool http_1_0 = false;
  bool keep_alive = true;
};

}  // namespace persona_runtime::api
