#include "domain/text/ascii_case.hpp"
#include "providers/http/http_client.hpp"

#include <algorithm>

namespace persona_runtime {

std::string_view http_response_head::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (ascii_equal(key, name)) {
      return value;
    }
  }
  return {};
}

}  // namespace persona_runtime
