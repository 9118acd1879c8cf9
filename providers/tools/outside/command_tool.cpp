#include "providers/tools/outside/command_tool.hpp"

#include "domain/tool/audit.hpp"
#include "domain/tool/result_bounds.hpp"
#include "providers/tools/outside/sandbox.hpp"
#include "providers/tools/outside/tool_exchange.hpp"

#include <string_view>

namespace persona_runtime {
namespace {

constexpr std::size_t tail_bytes_max = 4u << 10;

/// " Its last words: …", from standard error, else from standard output, where many programs
/// write their errors too.
std::string last_words(const process_outcome& outcome) {
  auto words = tail_of(outcome.errors, tail_bytes_max);
  if (words.empty())
    words = tail_of(outcome.output, tail_bytes_max);
  return words.empty() ? " It wrote nothing." : " The end of what it wrote:\n" + words;
}

std::string seconds(std::chrono::milliseconds time) {
  const auto ms = time.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms";
}

std::string why(const tool_definition& tool, const process_outcome& outcome) {
  const auto value = std::to_string(outcome.value);
  switch (outcome.how) {
  case process_ending::exited:
    return "failed with exit code " + value + "." + last_words(outcome);
  case process_ending::signalled:
    return "was ended by signal " + value + "." + last_words(outcome);
  case process_ending::not_started:
  case process_ending::refused:
    return "did not run: " + outcome.detail + ".";
  case process_ending::timed_out:
    return "did not finish within " + seconds(tool.timeout) + " and was stopped."
           + last_words(outcome);
  case process_ending::too_much_output:
    return "wrote more than " + std::to_string(process_spec{}.output_max)
           + " bytes, which is the most that is read, and was stopped.";
  case process_ending::lost:
    break;
  }
  return "was ended from outside; whether it did its work is unknown." + last_words(outcome);
}

/// Of what ran, however it ended, the audit log tells.
tool_result result_of(const tool_definition& tool, const process_outcome& outcome) {
  const auto fine = outcome.how == process_ending::exited && outcome.value == 0;
  auto result = fine ? answer_of(outcome.output, outcome.output_bytes)
                     : error_result("The tool " + tool.name + " " + why(tool, outcome));
  const auto ran =
    outcome.how != process_ending::not_started && outcome.how != process_ending::refused;
  if (ran)
    result.metadata = {{std::string{audit_action_key}, "execute"},
                       {std::string{audit_resource_key}, tool.name}};
  return result;
}

class command_tool final : public tool_body {
public:
  command_tool(tool_definition definition, command_tool_config config, process_runner& runner)
    : definition_{std::make_shared<const tool_definition>(std::move(definition))},
      config_{std::move(config)}, runner_{runner} {}

  const tool_definition& definition() const override { return *definition_; }

  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    auto spec = process_spec{.argv = sandboxed_argv(config_, request.workspace),
                             .environment = sandboxed_environment(config_),
                             .directory = request.workspace,
                             .input = call_text(request, definition_->name),
                             .timeout = definition_->timeout};
    return runner_.start(std::move(spec),
                         [tool = definition_, done = std::move(done)](
                           const process_outcome& outcome) { done(result_of(*tool, outcome)); });
  }

private:
  std::shared_ptr<const tool_definition> definition_;
  command_tool_config config_;
  process_runner& runner_;
};

}  // namespace

std::shared_ptr<tool_body> make_command_tool(tool_definition definition, command_tool_config config,
                                             process_runner& runner) {
  return std::make_shared<command_tool>(std::move(definition), std::move(config), runner);
}

}  // namespace persona_runtime
