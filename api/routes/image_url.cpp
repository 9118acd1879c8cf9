#include "api/routes/image_url.hpp"

#include "domain/text/base64.hpp"

#include <utility>

namespace persona_runtime::api {

std::optional<image_block> image_from_url(std::string_view url) {
  constexpr auto scheme = std::string_view{"data:"};
  constexpr auto mark = std::string_view{";base64,"};
  const auto comma = url.find(mark);
  if (!url.starts_with(scheme) || comma == std::string_view::npos)
    return std::nullopt;
  const auto type = image_type_of(url.substr(scheme.size(), comma - scheme.size()));
  auto bytes = type ? from_base64(url.substr(comma + mark.size())) : std::nullopt;
  if (!bytes || bytes->empty())
    return std::nullopt;
  auto image = image_block{};
  image.type = *type;
  image.bytes = shared_text{std::move(*bytes)};
  return image;
}

}  // namespace persona_runtime::api
