#pragma once
// The JSON that stands around the text of an event.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Most events of a stream are the same but for their text. Remembers what stood around the text of
/// one that was read as JSON, and finds the text of the next one that has the same around it.
class text_frame {
public:
  /// `json` was valid, and all that it said is the string that stands, quotes included, in `size`
  /// bytes from `at` on.
  void learn(std::string_view json, std::size_t at, std::size_t size);

  /// The text of `json`, which then says that and nothing else; none: it has to be read as JSON. A
  /// text that is long, or has escapes or characters beyond ASCII, has to be.
  [[nodiscard]] std::optional<std::string_view> text_in(std::string_view json) const;

private:
  std::string around_;      // empty: nothing is remembered
  std::size_t before_ = 0;  // of it, before the text
};

}  // namespace persona_runtime
