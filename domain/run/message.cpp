#include "domain/run/message.hpp"

#include <array>

namespace persona_runtime {

std::string_view name_of(role r) {
  static constexpr auto names =
    std::array<std::string_view, 4>{"system", "user", "assistant", "tool"};
  return names.at(static_cast<std::size_t>(r));
}

}  // namespace persona_runtime
