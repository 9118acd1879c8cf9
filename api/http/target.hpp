#pragma once
// The target of a request taken apart: path segments and query, decoded.

#include "domain/failure.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime::api {

struct request_target {
  std::vector<std::string> segments;  // "/v1/runs" is {"v1", "runs"}; "/" is {}
  std::vector<std::pair<std::string, std::string>> query;

  /// The value of the first parameter of that name.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

/// Takes "/path?query" and "http://host/path?query". Segments are split before they are decoded,
/// so %2F never makes another one. Fails with validation_error on broken escapes, on control
/// characters, and beyond 16 segments or 32 parameters.
[[nodiscard]] result<request_target> parse_target(std::string_view raw);

}  // namespace persona_runtime::api
