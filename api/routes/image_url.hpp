#pragma once
#include "domain/run/message.hpp"

#include <optional>
#include <string_view>

namespace persona_runtime::api {

/// What an image must look like, for messages.
inline constexpr std::string_view image_url_rule =
  "must be data:image/png, jpeg, webp or gif in base64; images are not fetched from elsewhere";

/// An image out of "data:image/TYPE;base64,…". None: it is none of the four types, not base64, or
/// empty. Its path is the caller's to give. Pure.
[[nodiscard]] std::optional<image_block> image_from_url(std::string_view url);

}  // namespace persona_runtime::api
