#pragma once
// Text that many hold and nobody changes: prompts, replies, results, journal bodies.

#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

/// Immutable; copying costs a reference. Any thread may read it.
class shared_text {
public:
  shared_text() = default;
  explicit shared_text(std::string text)
    : text_{text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))} {}

  [[nodiscard]] std::string_view view() const { return text_ ? *text_ : std::string_view{}; }
  [[nodiscard]] std::string str() const { return std::string{view()}; }
  [[nodiscard]] bool empty() const { return text_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return view().size(); }

  friend bool operator==(const shared_text& a, const shared_text& b) {
    return a.text_ == b.text_ || a.view() == b.view();
  }

private:
  std::shared_ptr<const std::string> text_;
};

}  // namespace persona_runtime
