#pragma once
// Checks one run's or turn's event stream (SSE) as it arrives and keeps nothing of it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace persona_runtime::bench {

/// What makes a run's stream right: ids 0, 1, 2, … without a gap, exactly one `finished`, then
/// `end`; a turn's: exactly one `done`, and no `error`.
class event_check {
public:
  void feed(std::string_view bytes);

  /// All of that has come.
  [[nodiscard]] bool is_right() const { return is_dense_ && finished_ == 1 && ends_ == 1; }
  [[nodiscard]] bool is_done() const { return done_ == 1 && errors_ == 0; }
  [[nodiscard]] std::size_t events() const { return next_id_; }
  [[nodiscard]] std::size_t deltas() const { return deltas_; }

private:
  void take_line();

  std::array<char, 48> line_{};  // its beginning; what counts is shorter
  std::uint8_t used_ = 0;
  bool is_dense_ = true;
  std::uint16_t finished_ = 0;
  std::uint16_t ends_ = 0;
  std::uint16_t done_ = 0;
  std::uint16_t errors_ = 0;
  std::uint32_t next_id_ = 0;
  std::uint32_t deltas_ = 0;
};

}  // namespace persona_runtime::bench
