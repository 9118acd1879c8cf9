#pragma once
// How long models take to their first text, as measured at the model itself: waiting for a turn
// at it, and attempts that failed before, are not in it.

#include "domain/tier/routing/latency_tracker.hpp"
#include "providers/chat/chat_provider.hpp"

#include <functional>
#include <mutex>

namespace persona_runtime {

/// One for all models of a process. Thread-safe; forgets everything when the process ends.
class first_token_book {
public:
  /// `label` is "provider/model".
  void record(std::string_view label, double sample_ms);
  /// None: fewer than five samples, which say too little.
  [[nodiscard]] std::optional<double> estimate_ms(std::string_view label) const;

private:
  mutable std::mutex mutex_;
  latency_tracker tracker_;
};

/// The same model, whose calls are timed from their start to the first piece of text that is not
/// empty. Replies without a sink, and those that only call tools, are not.
/// `now_ms`: a clock that only goes on; called on any thread.
[[nodiscard]] std::shared_ptr<chat_provider> timed(std::shared_ptr<chat_provider> model,
                                                   std::string label,
                                                   std::shared_ptr<first_token_book> book,
                                                   std::function<double()> now_ms);

}  // namespace persona_runtime
