#pragma once
#include "domain/ids.hpp"
#include "domain/run/message.hpp"
#include "domain/tool/definition.hpp"
#include "providers/pending_call.hpp"

#include <functional>
#include <memory>

namespace persona_runtime {

/// One call of a tool.
struct tool_request {
  tool_call call;  // arguments as the model sent them
  run_id run;
  persona_id persona;
  std::string idempotency_key;  // "run_id/step/index"; equal for every repetition, also after a
                                // restart
  std::string workspace;        // absolute path of the directory that file tools may use
  owner_id owner{};
  std::string user{};  // whose talk it is; empty: the owner's own
};

/// What a tool does. Runs on its own thread, process or socket, never on an actor's.
class tool_body {
public:
  using on_done = std::function<void(tool_result)>;

  virtual ~tool_body() = default;

  /// What the tool is called and takes. Constant for the life of the body.
  [[nodiscard]] virtual const tool_definition& definition() const = 0;

  /// Starts one call and returns at once; `done` as in chat_provider. The time limit of the
  /// definition is the caller's to enforce, by cancel().
  [[nodiscard]] virtual std::unique_ptr<pending_call> start(tool_request request, on_done done) = 0;
};

}  // namespace persona_runtime
