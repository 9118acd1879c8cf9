#pragma once
// A model and a tool that never come back, and a way to learn that they were asked.

#include "bootstrap/engine.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <semaphore>
#include <string>

namespace persona_runtime::testing {

/// What the outside of one engine has seen. Any thread.
struct hung_calls {
  std::counting_semaphore<1'000> begun{0};
  std::atomic<int> aborted{0};

  /// False: nothing was asked within a minute.
  bool wait_for_one() { return begun.try_acquire_for(std::chrono::minutes{1}); }
};

class hung_call final : public pending_call {
public:
  explicit hung_call(std::shared_ptr<hung_calls> seen) : seen_{std::move(seen)} {
    seen_->begun.release();
  }
  void cancel() noexcept override { ++seen_->aborted; }

private:
  std::shared_ptr<hung_calls> seen_;
};

struct answered_call final : pending_call {
  void cancel() noexcept override {}
};

/// Answers with `reply`; without one never.
class one_line_model final : public chat_provider {
public:
  one_line_model(std::shared_ptr<hung_calls> seen, std::optional<model_reply> reply)
    : seen_{std::move(seen)}, reply_{std::move(reply)} {}
  std::unique_ptr<pending_call> start(chat_request, on_done done) override {
    if (!reply_)
      return std::make_unique<hung_call>(seen_);
    done(*reply_);
    return std::make_unique<answered_call>();
  }

private:
  std::shared_ptr<hung_calls> seen_;
  std::optional<model_reply> reply_;
};

/// Never answers.
class hung_tool final : public tool_body {
public:
  explicit hung_tool(std::shared_ptr<hung_calls> seen) : seen_{std::move(seen)} {
    definition_.name = "berth";
    definition_.description = "Looks a berth up, some day.";
    definition_.parameters = R"({"type":"object"})";
  }
  const tool_definition& definition() const override { return definition_; }
  std::unique_ptr<pending_call> start(tool_request, on_done) override {
    return std::make_unique<hung_call>(seen_);
  }

private:
  std::shared_ptr<hung_calls> seen_;
  tool_definition definition_;
};

inline constexpr auto clerk = R"(
identity: {name: Mira, role: harbour clerk, background: Keeps the berth book.}
tools: [berth]
)";

/// The parts of an engine whose model gives `reply` to everything, and whose tool hangs.
inline engine_parts hung_parts(const std::shared_ptr<hung_calls>& seen,
                               std::optional<model_reply> reply,
                               std::shared_ptr<journal_store> store) {
  auto facts = model_entry{};
  facts.provider = "house";
  facts.model = "one-line";
  facts.price = model_price{};
  facts.context_window = 32'000;
  auto model = std::make_shared<one_line_model>(seen, std::move(reply));
  auto tier = engine_tier{"mid", {}};
  tier.members.push_back({facts, model, {}});
  return {{std::move(tier)}, {std::make_shared<hung_tool>(seen)}, std::move(store), {}};
}

}  // namespace persona_runtime::testing
