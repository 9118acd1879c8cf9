#include "domain/run/status.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

constexpr auto names = std::array<std::string_view, 7>{
  "running",           "awaiting_user",    "completed", "cancelled",
  "max_steps_reached", "budget_exhausted", "error",
};

}  // namespace

std::string_view name_of(run_status s) {
  return names.at(static_cast<std::size_t>(s));
}

std::optional<run_status> status_of(std::string_view name) {
  const auto i = std::ranges::find(names, name);
  if (i == names.end())
    return std::nullopt;
  return static_cast<run_status>(i - names.begin());
}

}  // namespace persona_runtime
