#pragma once
// A log that remembers its lines, for tests that look at them.

#include "domain/log_sink.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace persona_runtime::test {

class noted_log final : public log_sink {
public:
  struct line {
    log_level level;
    std::string component;
    std::string what;
    std::string fields;  // "run_id=run_1 status=completed"
  };

  [[nodiscard]] bool wants(log_level) const noexcept override { return true; }
  void write(log_level level, std::string_view component, std::string_view what,
             std::initializer_list<log_field> fields) noexcept override {
    auto text = std::string{};
    for (const auto& f : fields)
      text.append(text.empty() ? "" : " ").append(f.name).append("=").append(f.value);
    const auto lock = std::lock_guard{mutex_};
    lines_.push_back({level, std::string{component}, std::string{what}, std::move(text)});
  }

  [[nodiscard]] std::vector<line> lines() const {
    const auto lock = std::lock_guard{mutex_};
    return lines_;
  }
  /// The lines that say `what`.
  [[nodiscard]] std::vector<line> saying(std::string_view what) const {
    auto found = lines();
    std::erase_if(found, [what](const line& l) { return l.what != what; });
    return found;
  }

private:
  mutable std::mutex mutex_;
  std::vector<line> lines_;
};

}  // namespace persona_runtime::test
