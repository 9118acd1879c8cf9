#include "domain/run/message.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

constexpr auto image_types =
  std::array<std::string_view, 4>{"image/png", "image/jpeg", "image/webp", "image/gif"};

}  // namespace

std::string_view name_of(role r) {
  static constexpr auto names =
    std::array<std::string_view, 4>{"system", "user", "assistant", "tool"};
  return names.at(static_cast<std::size_t>(r));
}

std::string_view name_of(image_type t) {
  return image_types.at(static_cast<std::size_t>(t));
}

std::optional<image_type> image_type_of(std::string_view media_type) {
  const auto* found = std::find(image_types.begin(), image_types.end(), media_type);
  if (found == image_types.end())
    return std::nullopt;
  return static_cast<image_type>(found - image_types.begin());
}

}  // namespace persona_runtime
