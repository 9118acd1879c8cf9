#pragma once
// Ends a text before the first of some words, while it is still arriving.

#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// What may be the beginning of a stop word is held back until that is decided. One thread.
class stop_filter {
public:
  /// None of them is empty. Without any, everything passes.
  explicit stop_filter(std::vector<std::string> stops) : stops_{std::move(stops)} {}

  /// What can be shown of everything that was fed; in pieces, each once.
  [[nodiscard]] std::string feed(std::string_view text);
  /// Nothing follows: what was held back.
  [[nodiscard]] std::string finish();
  /// A stop word has come; the rest of the text is dropped.
  [[nodiscard]] bool has_stopped() const { return stopped_; }

private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

}  // namespace persona_runtime
