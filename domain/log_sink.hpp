#pragma once
// How a part of the program tells the operator something: the vocabulary only, so that nobody but
// bootstrap/log knows who writes lines. The rules in domain/ write none.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

/// `error`: somebody must act. `warning`: somebody may want to. `info`: what happens once in the
/// life of a server, or went wrong for one user. `debug`: once per run. `trace`: once per call.
enum class log_level : std::uint8_t { trace, debug, info, warning, error, critical, off };

/// One fact of a line. Never a key, a prompt, an answer or anything else that a user wrote.
struct log_field {
  std::string_view name;  // a fixed word: run_id, tier, error, …
  std::string value;
};

/// Takes lines. Thread-safe; never blocks and never throws: a line that finds no room pushes the
/// oldest one out.
class log_sink {
public:
  virtual ~log_sink() = default;

  /// Whether lines of this level are kept. Costs nothing; ask before a frequent line is built.
  [[nodiscard]] virtual bool wants(log_level level) const noexcept = 0;

  /// `component` and `what` are fixed texts: "runs", "run refused". What says the same of the same
  /// component too often within a second is counted instead of written (debug and trace are not).
  virtual void write(log_level level, std::string_view component, std::string_view what,
                     std::initializer_list<log_field> fields) noexcept = 0;
};

using log_ptr = std::shared_ptr<log_sink>;  // never null

/// For whoever wants no log.
class no_log final : public log_sink {
public:
  [[nodiscard]] bool wants(log_level) const noexcept override { return false; }
  void write(log_level, std::string_view, std::string_view,
             std::initializer_list<log_field>) noexcept override {}
};

[[nodiscard]] inline log_ptr quiet_log() {
  return std::make_shared<no_log>();
}

}  // namespace persona_runtime
