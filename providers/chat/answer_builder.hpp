#pragma once
// One answer of a model, put together from the pieces it comes in.

#include "providers/chat/answer_parts.hpp"
#include "providers/chat/chat_provider.hpp"
#include "providers/chat/provider_errors.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// A piece of a tool call. Views live for the call that takes it.
struct call_fragment {
  std::optional<std::uint64_t> index{};  // which call; without one `id` tells, or the call before
  std::string_view id{};
  std::string_view name{};       // appended
  std::string_view arguments{};  // likewise
};

/// Takes pieces until one breaks a bound or the endpoint reports an error. `sink` may be null and
/// outlives the builder; it gets text as soon as it is known. One thread. What returns bool says
/// whether more may come.
class answer_builder {
public:
  answer_builder(std::string provider, std::string model, text_sink* sink)
    : provider_{std::move(provider)}, model_{std::move(model)}, sink_{sink} {}

  bool add_text(std::string_view delta);
  bool add_reasoning(std::string_view delta);
  bool add_call(const call_fragment& fragment);
  /// Bytes of the answer that are kept elsewhere: they count for its length.
  bool count_bytes(std::size_t bytes) { return grow(bytes); }
  /// Numbers that no answer can have become the largest one that it can.
  void set_usage(const token_usage& usage);
  /// Why the model stopped, in the vendor's word; empty ones are passed over.
  void set_finish(std::string_view reason);
  /// The vendor's end mark has come.
  void mark_done() { done_ = true; }

  /// The first failure counts. Both return false.
  bool fail(model_error error);
  bool broken(std::string_view why) { return fail(broken_stream(provider_, why)); }

  /// After the last piece. The parts, or why they do not make an answer.
  [[nodiscard]] model_result<answer_parts> finish();

  /// Something of the answer itself has come.
  [[nodiscard]] bool has_begun() const { return begun_; }
  /// The endpoint has said why it stopped: whatever breaks now, the answer is whole.
  [[nodiscard]] bool has_finished() const { return !finish_.empty() && !error_; }
  [[nodiscard]] bool is_done() const { return done_; }
  [[nodiscard]] bool has_failed() const { return error_.has_value(); }
  [[nodiscard]] const std::string& provider() const { return provider_; }
  [[nodiscard]] const std::string& model() const { return model_; }

private:
  struct call_parts {
    std::uint64_t index = 0;
    std::string id{};
    std::string name{};
    std::string arguments{};
  };

  bool grow(std::size_t bytes);
  call_parts* call_of(const call_fragment& fragment);
  [[nodiscard]] std::vector<tool_call> take_calls();

  std::string provider_;
  std::string model_;
  text_sink* sink_;
  answer_parts parts_;
  std::vector<call_parts> calls_;
  std::string finish_;  // as sent
  std::optional<model_error> error_;
  std::size_t bytes_ = 0;
  bool done_ = false;
  bool begun_ = false;
};

}  // namespace persona_runtime
