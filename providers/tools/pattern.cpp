#include "providers/tools/pattern.hpp"

#include <re2/re2.h>

namespace persona_runtime {
namespace {

RE2::Options quiet() {
  auto options = RE2::Options{};
  options.set_log_errors(false);
  options.set_max_mem(256 << 10);
  return options;
}

}  // namespace

std::optional<bool> pattern_found(std::string_view pattern, std::string_view text) {
  const auto compiled = RE2{re2::StringPiece{pattern.data(), pattern.size()}, quiet()};
  if (!compiled.ok())
    return std::nullopt;
  return RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, compiled);
}

bool pattern_compiles(std::string_view pattern) {
  return RE2{re2::StringPiece{pattern.data(), pattern.size()}, quiet()}.ok();
}

}  // namespace persona_runtime
