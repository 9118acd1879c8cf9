#include "domain/run/status.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

constexpr auto status_names = std::array<std::string_view, 7>{
  "running",           "awaiting_user",    "completed", "cancelled",
  "max_steps_reached", "budget_exhausted", "error",
};

}  // namespace

std::string_view name_of(run_status s) {
  return status_names.at(static_cast<std::size_t>(s));
}

std::optional<run_status> status_of(std::string_view name) {
  const auto i = std::ranges::find(status_names, name);
  if (i == status_names.end())
    return std::nullopt;
  return static_cast<run_status>(i - status_names.begin());
}

}  // namespace persona_runtime
