#include "domain/tier/model_error.hpp"

#include <array>
#include <stdexcept>

namespace persona_runtime {

std::string_view class_name(model_error_class c) {
  static constexpr auto names = std::array<std::string_view, 8>{
    "",
    "BackendTimeoutError",
    "RateLimitError",
    "AuthenticationError",
    "ModelNotFoundError",
    "ProviderCredentialMissingError",
    "BackendVisionNotSupportedError",
    "ProviderError",
  };
  return names.at(static_cast<std::size_t>(c));
}

void throw_exception_from_error(const model_error& e, const boost::source_location&) {
  throw std::logic_error("unchecked model error: " + e.detail);
}

}  // namespace persona_runtime
