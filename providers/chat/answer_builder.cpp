#include "providers/chat/answer_builder.hpp"

#include "domain/text/ascii.hpp"
#include "providers/chat/json_reading.hpp"

#include <algorithm>

namespace persona_runtime {

namespace {

constexpr std::size_t id_bytes_max = 256;
constexpr std::size_t reason_bytes_max = 32;
constexpr std::uint64_t tokens_max = 1'000'000'000'000;

finish_reason finish_of(std::string_view reason, bool has_calls) {
  if (reason == "length" || reason == "max_tokens") {
    return finish_reason::length;
  }
  if (reason == "tool_calls" || reason == "function_call" || reason == "tool_use") {
    return finish_reason::tool_calls;
  }
  if (reason.empty() || reason == "stop" || reason == "eos" || reason == "end_turn"
      || reason == "stop_sequence") {
    // Some endpoints say "stop" beside calls.
    return has_calls ? finish_reason::tool_calls : finish_reason::stop;
  }
  return finish_reason::other;
}

/// `id`, or something like it that none of `calls` has: results are told apart by it.
std::string unused_id(std::string id, std::uint64_t index, const std::vector<tool_call>& calls) {
  if (id.empty())
    id = "call_" + std::to_string(index);
  const auto is_taken = [&] {
    return std::any_of(calls.begin(), calls.end(),
                       [&](const tool_call& call) { return call.call_id == id; });
  };
  while (is_taken())
    id.append("_").append(std::to_string(index));
  return id;
}

model_error refused(const std::string& provider, std::string_view why) {
  auto error = model_error{};
  error.detail = "provider=" + provider + " " + std::string{why};
  return error;
}

}  // namespace

bool answer_builder::fail(model_error error) {
  if (!error_) {
    error.output_begun = begun_;
    error_ = std::move(error);
  }
  return false;
}

bool answer_builder::grow(std::size_t bytes) {
  begun_ = begun_ || bytes > 0;
  bytes_ += bytes;
  return bytes_ <= reply_bytes_max || fail(refused(provider_, "the reply is longer than 8 MiB"));
}

bool answer_builder::add_text(std::string_view delta) {
  if (delta.empty()) {
    return true;
  }
  if (!grow(delta.size())) {
    return false;
  }
  parts_.text.append(delta);
  if (sink_ != nullptr) {
    sink_->on_text(delta);
  }
  return true;
}

bool answer_builder::add_reasoning(std::string_view delta) {
  if (delta.empty()) {
    return true;
  }
  if (!grow(delta.size())) {
    return false;
  }
  parts_.reasoning.append(delta);
  if (sink_ != nullptr) {
    sink_->on_reasoning(delta);
  }
  return true;
}

/// By index. Without one: by id, and what has neither continues the call before it.
answer_builder::call_parts* answer_builder::call_of(const call_fragment& fragment) {
  auto same = [&](const call_parts& call) {
    return fragment.index ? call.index == *fragment.index : call.id == fragment.id;
  };
  auto known = std::find_if(calls_.begin(), calls_.end(), same);
  if (known != calls_.end()) {
    return &*known;
  }
  if (!fragment.index && fragment.id.empty() && fragment.name.empty() && !calls_.empty()) {
    return &calls_.back();
  }
  if (calls_.size() == reply_calls_max) {
    return nullptr;
  }
  auto next = std::uint64_t{0};
  for (const auto& call : calls_) {
    next = std::max(next, call.index + 1);
  }
  calls_.push_back({fragment.index.value_or(next)});
  return &calls_.back();
}

bool answer_builder::add_call(const call_fragment& fragment) {
  if (!grow(1 + fragment.name.size() + fragment.arguments.size())) {
    return false;
  }
  auto* call = call_of(fragment);
  if (call == nullptr) {
    return fail(refused(provider_, "the reply holds more than " + std::to_string(reply_calls_max)
                                     + " tool calls"));
  }
  if (!fragment.id.empty()) {
    call->id.assign(fragment.id.substr(0, id_bytes_max));
  }
  call->name.append(fragment.name);
  call->arguments.append(fragment.arguments);
  if (sink_ != nullptr) {
    sink_->on_unshown(fragment.name.size() + fragment.arguments.size());
  }
  return true;
}

void answer_builder::set_usage(const token_usage& usage) {
  auto kept = usage;
  for (auto* count : {&kept.prompt, &kept.completion, &kept.cache_read, &kept.cache_write})
    *count = std::min(*count, tokens_max);
  parts_.usage = kept;
}

void answer_builder::set_finish(std::string_view reason) {
  if (!reason.empty()) {
    finish_.assign(reason.substr(0, reason_bytes_max));
  }
}

std::vector<tool_call> answer_builder::take_calls() {
  auto calls = std::vector<tool_call>{};
  calls.reserve(calls_.size());
  const auto cut_off = parts_.finish == finish_reason::length;
  for (auto& parts : calls_) {
    auto call = tool_call{};
    call.name = std::move(parts.name);
    call.call_id = unused_id(std::move(parts.id), parts.index, calls);
    call.truncated = cut_off;
    if (is_json_object(parts.arguments)) {
      call.arguments = std::move(parts.arguments);
    } else if (!trimmed(parts.arguments).empty()) {
      call.truncated = true;
    }
    calls.push_back(std::move(call));
  }
  return calls;
}

model_result<answer_parts> answer_builder::finish() {
  if (finish_.empty() && !done_) {
    broken("the stream ended before the answer did");
  }
  if (finish_ == "content_filter" && parts_.text.empty() && calls_.empty()) {
    auto words = error_words{};
    words.code = finish_;
    fail(provider_error_of(provider_, model_, words));
  }
  if (error_) {
    return std::move(*error_);
  }
  parts_.finish = finish_of(finish_, !calls_.empty());
  parts_.calls = take_calls();
  return std::move(parts_);
}

}  // namespace persona_runtime
