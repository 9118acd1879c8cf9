#include "domain/run/summary_call.hpp"

#include "domain/prompt/prompt_texts.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto summary_overhead = std::uint64_t{12};  // roles and separators of two messages

summary_wish checked_wish(std::string_view arguments) {
  auto wish = read_summary_wish(arguments);
  auto* read = std::get_if<summary_wish>(&wish);
  return read == nullptr ? summary_wish{} : std::move(*read);
}

message_ptr uncounted(role from, const std::string& text) {
  auto m = message{};  // it is sent once and thrown away
  m.from = from;
  m.content = shared_text{text};
  return std::make_shared<const message>(std::move(m));
}

}  // namespace

summary_call::summary_call(std::string_view arguments, const std::string& instruction)
  : wish_{checked_wish(arguments)}, instruction_{with_values(
                                      instruction, {{"words", std::to_string(wish_.words)}})} {
}

budget_request
summary_call::budget(const model_entry& model,
                     const std::function<message_size(role, std::string_view)>& size_of) const {
  const auto counted = size_of(role::system, instruction_).followed
                       + size_of(role::user, wish_.text).alone + summary_overhead;
  return {call_kind::tool_summary, model.at_most(counted),
          std::min(model.reply_tokens_max, summary_reply_tokens(wish_)), model.price};
}

std::shared_ptr<const model_call> summary_call::request(const walk_position& walk,
                                                        const owner_id& owner,
                                                        std::uint32_t reply_tokens_max,
                                                        std::chrono::milliseconds delay) const {
  auto what = model_call{};
  what.kind = call_kind::tool_summary;
  what.tier = summary_tier;
  what.walk = walk;
  what.delay = delay;
  what.owner = owner;
  what.reply_tokens_max = reply_tokens_max;
  what.context = {uncounted(role::system, instruction_), uncounted(role::user, wish_.text)};
  return std::make_shared<const model_call>(std::move(what));
}

}  // namespace persona_runtime
