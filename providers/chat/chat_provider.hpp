#pragma once
#include "domain/run/message.hpp"
#include "domain/tier/model_error.hpp"
#include "domain/tier/rate_report.hpp"
#include "domain/tool/definition.hpp"
#include "providers/pending_call.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace persona_runtime {

/// Where a streamed reply goes while it is being received. Called on the provider's thread, in
/// order; never after the call's `done`.
class text_sink {
public:
  virtual ~text_sink() = default;
  virtual void on_text(std::string_view delta) = 0;
  virtual void on_reasoning(std::string_view delta) = 0;
  /// A piece of the answer that is no text: of a tool call. Who only shows text passes it over.
  virtual void on_unshown(std::size_t /*bytes*/) {}
};

struct call_timeouts {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds first_token{60'000};     // from dispatch to the first byte of a body
  std::chrono::milliseconds between_tokens{60'000};  // between two reads of the body
  std::chrono::milliseconds call{600'000};           // all of it
};

enum class tool_choice : std::uint8_t { automatic, none, required };

/// What the call is for. Only stand-ins that play recorded scripts look at it.
enum class call_purpose : std::uint8_t { step, summary };

struct chat_request {
  message_list context;  // oldest first, at least one
  tool_list tools;       // null or empty: none are offered
  tool_choice choice = tool_choice::automatic;
  call_purpose purpose = call_purpose::step;
  std::uint32_t reply_tokens_max = 4096;
  std::optional<double> temperature;  // none: what the endpoint is configured with
  std::string tool{};                 // with `required`: this one; empty: any
  std::vector<std::string> stop{};    // the reply ends before these
  std::string response_format{};      // text of a JSON object in OpenAI's form, or empty
  call_timeouts timeouts;
  std::shared_ptr<text_sink> sink;  // null: nobody wants the text before the reply is whole
  /// Called on the provider's thread when the head of an answer says something of the key's limits,
  /// whatever its status; once per call at most, before `done`. Empty: nobody asks.
  std::function<void(const rate_report&)> on_limits{};
};

/// One model at one endpoint. Knows nothing of actors, runs or the journal.
class chat_provider {
public:
  using on_done = std::function<void(model_result<model_reply>)>;

  virtual ~chat_provider() = default;

  /// Starts one call and returns at once. Calls `done` once, on any thread, even from within
  /// `start`; at most once after cancel(). The caller drops by identity what comes too late.
  /// Does not retry. Destroying the returned handle does not cancel.
  [[nodiscard]] virtual std::unique_ptr<pending_call> start(chat_request request, on_done done) = 0;

  /// Whether what comes too fast may be refused: then no more calls are sent ahead of the first
  /// answers than a key of unknown limits should get.
  [[nodiscard]] virtual bool has_limits() const { return false; }
};

}  // namespace persona_runtime
