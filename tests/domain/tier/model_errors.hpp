#pragma once
// Errors of models as endpoints give them.

#include "domain/tier/walk.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace persona_runtime::testing {

inline constexpr std::int64_t noon_ms = 1'795'262'400'000;  // 2026-11-21T12:00:00Z

inline model_error an_error(model_error_class kind, int status = 0, std::string reason = "",
                            std::string hint = "") {
  auto error = model_error{};
  error.kind = kind;
  error.status = status;
  error.reason = std::move(reason);
  error.retry_after = std::move(hint);
  return error;
}

}  // namespace persona_runtime::testing
