#pragma once
// A text that must not be seen: keys and tokens.

#include <ostream>
#include <string>
#include <utility>

namespace persona_runtime {

/// Prints as "***" (as nothing when empty). Only reveal() gives the text, for the one header or
/// body that needs it.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_{std::move(text)} {}

  [[nodiscard]] const std::string& reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  friend bool operator==(const secret&, const secret&) = default;
  friend std::ostream& operator<<(std::ostream& out, const secret& s) {
    return out << (s.empty() ? "" : "***");
  }

private:
  std::string text_;
};

}  // namespace persona_runtime
