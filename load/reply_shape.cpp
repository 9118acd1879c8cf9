#include "load/reply_shape.hpp"

namespace persona_runtime {

const reply_shape& shape_of(model_protocol protocol) {
  switch (protocol) {
  case model_protocol::anthropic:
    return anthropic_shape();
  case model_protocol::ollama:
    return ollama_shape();
  case model_protocol::openai:
    break;
  }
  return openai_shape();
}

std::string_view error_type_of(int status) {
  switch (status) {
  case 401:
    return "authentication_error";
  case 403:
    return "permission_error";
  case 404:
    return "not_found_error";
  case 413:
    return "request_too_large";
  case 429:
    return "rate_limit_error";
  case 529:
    return "overloaded_error";
  default:
    return status < 500 ? "invalid_request_error" : "api_error";
  }
}

}  // namespace persona_runtime
