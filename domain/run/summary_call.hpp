#pragma once
// The model call behind a call of text_summarize, as runs and turns make it: what it may take, and
// what is sent.

#include "domain/run/decide.hpp"
#include "domain/tool/summarize.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

/// The tier that makes summaries, as requested.
inline constexpr std::string_view summary_tier = "small";

class summary_call {
public:
  /// The arguments were looked through before; `instruction` has {words}.
  summary_call(std::string_view arguments, const std::string& instruction);

  [[nodiscard]] const summary_wish& wish() const { return wish_; }

  /// What is asked of the budget for a call of `model`.
  [[nodiscard]] budget_request
  budget(const model_entry& model,
         const std::function<message_size(role, std::string_view)>& size_of) const;

  [[nodiscard]] std::shared_ptr<const model_call> request(const walk_position& walk,
                                                          const owner_id& owner,
                                                          std::uint32_t reply_tokens_max,
                                                          std::chrono::milliseconds delay) const;

private:
  summary_wish wish_;
  std::string instruction_;
};

}  // namespace persona_runtime
