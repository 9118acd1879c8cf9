#pragma once
// When a streamed completion says its first word.

#include <string>
#include <string_view>

namespace persona_runtime::bench {

class first_words {
public:
  /// Takes what came of the body; true from the first content that is not empty on.
  bool feed(std::string_view bytes) {
    constexpr auto field = std::string_view{"\"content\":\""};
    if (is_found_)
      return true;
    seen_.append(bytes);
    for (auto at = seen_.find(field); at != std::string::npos; at = seen_.find(field, at + 1)) {
      const auto first = at + field.size();
      is_found_ = is_found_ || (first < seen_.size() && seen_[first] != '"');
    }
    if (is_found_)
      seen_ = {};
    return is_found_;
  }

private:
  std::string seen_;  // an opening event and what follows it: a few hundred bytes
  bool is_found_ = false;
};

}  // namespace persona_runtime::bench
