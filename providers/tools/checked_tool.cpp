#include "providers/tools/checked_tool.hpp"

#include "domain/tool/arguments.hpp"
#include "domain/tool/result_bounds.hpp"
#include "providers/tools/pattern.hpp"

#include <exception>
#include <mutex>

namespace persona_runtime {
namespace {

/// One call on its way through check, inner tool and answer. The mutex is never held while
/// somebody else's code runs.
class checked_call {
public:
  explicit checked_call(tool_body::on_done done) : done_{std::move(done)} {}

  void cancel() {
    auto inner = std::shared_ptr<pending_call>{};
    {
      const auto lock = std::lock_guard{mutex_};
      ended_ = true;
      inner = std::move(inner_);
    }
    if (inner)
      inner->cancel();
  }

  [[nodiscard]] bool ended() const {
    const auto lock = std::lock_guard{mutex_};
    return ended_;
  }

  /// Keeps the inner call. A cancel that came while it was being started is passed on here.
  void started(std::unique_ptr<pending_call> inner) {
    {
      const auto lock = std::lock_guard{mutex_};
      if (!ended_) {
        inner_ = std::move(inner);
        return;
      }
    }
    if (inner)
      inner->cancel();
  }

  void answer(tool_result result) {
    auto dropped = std::shared_ptr<pending_call>{};
    {
      const auto lock = std::lock_guard{mutex_};
      if (ended_)
        return;
      ended_ = true;
      dropped = std::move(inner_);
    }
    done_(bounded(std::move(result)));
  }

private:
  mutable std::mutex mutex_;
  bool ended_ = false;  // answered or cancelled: nothing may be passed on any more
  std::shared_ptr<pending_call> inner_;
  const tool_body::on_done done_;
};

class handle final : public pending_call {
public:
  explicit handle(std::shared_ptr<checked_call> call) : call_{std::move(call)} {}
  void cancel() noexcept override { call_->cancel(); }

private:
  std::shared_ptr<checked_call> call_;
};

class checked_body final : public tool_body {
public:
  checked_body(std::shared_ptr<tool_body> inner, std::shared_ptr<worker_pool> pool)
    : inner_{std::move(inner)}, pool_{std::move(pool)}, schema_{inner_->definition().parameters} {}

  const tool_definition& definition() const override { return inner_->definition(); }

  std::unique_ptr<pending_call> start(tool_request request, on_done done) override {
    auto call = std::make_shared<checked_call>(std::move(done));
    auto job = [inner = inner_, schema = schema_, call, request = std::move(request)]() mutable {
      // What escaped here would end the process: running out of memory over a huge call is enough.
      try {
        check(*inner, schema, call, std::move(request));
      } catch (const std::exception& error) {
        call->answer(error_result(std::string{"ToolFailure: "} + error.what()));
      }
    };
    if (!pool_->submit(std::move(job)))
      call->answer(error_result("Overloaded: too many tool calls are waiting; try again later"));
    return std::make_unique<handle>(std::move(call));
  }

private:
  static void check(tool_body& inner, const argument_schema& schema,
                    const std::shared_ptr<checked_call>& call, tool_request request) {
    if (call->ended())
      return;
    auto checked = schema.check(request.call.arguments, pattern_found);
    if (const auto* problem = std::get_if<argument_problem>(&checked))
      return call->answer(error_result(problem->text));
    request.call.arguments = std::move(std::get<checked_arguments>(checked).text);
    call->started(inner.start(std::move(request),
                              [call](tool_result result) { call->answer(std::move(result)); }));
  }

  std::shared_ptr<tool_body> inner_;
  std::shared_ptr<worker_pool> pool_;
  argument_schema schema_;
};

}  // namespace

std::shared_ptr<tool_body> checked_tool(std::shared_ptr<tool_body> inner,
                                        std::shared_ptr<worker_pool> pool) {
  return std::make_shared<checked_body>(std::move(inner), std::move(pool));
}

}  // namespace persona_runtime
