// A program with the engine inside: hosts one run with a tool and a model of its own.
// Use: embed [TASK]

#include "bootstrap/engine.hpp"

#include <iostream>

namespace {

using namespace persona_runtime;

/// Nothing is ever under way: model and tool answer before they return.
struct answered final : pending_call {
  void cancel() noexcept override {}
};

/// Asks for the tool first, then delivers what the tool said.
struct stand_in_model final : chat_provider {
  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    auto reply = model_reply{};
    if (const auto& last = *request.context.back(); last.from == role::tool)
      reply.text = "[FINAL] " + last.content.str();
    else
      reply.calls.push_back({"berth", R"({"vessel":"Petrel"})", "call_1"});
    done(std::move(reply));
    return std::make_unique<answered>();
  }
};

struct berth_tool final : tool_body {
  tool_definition what{"berth", "Finds a free berth.", R"({"type":"object"})",
                       tool_effect::read_only};
  const tool_definition& definition() const override { return what; }
  std::unique_ptr<pending_call> start(tool_request, on_done done) override {
    auto found = tool_result{};
    found.content = "Berth 4 is free.";
    done(std::move(found));
    return std::make_unique<answered>();
  }
};

constexpr auto persona_yaml = R"(
identity: {name: Mira, role: harbour clerk, background: Keeps the berth book.}
tools: [berth]
)";

int fail(const failure& f) {
  std::cerr << f.detail << '\n';
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto facts = model_entry{"house", "stand-in", model_price{}, 32'000};
  auto host = engine::make({{{"mid", {{facts, std::make_shared<stand_in_model>()}}}},
                            {std::make_shared<berth_tool>()},
                            nullptr});
  if (!host)
    return fail(host.error());
  const auto mira = (*host)->add_persona(persona_yaml);
  if (!mira)
    return fail(mira.error());
  auto request = run_request{};
  request.persona = *mira;
  request.task = argc > 1 ? argv[1] : "Find a berth.";
  const auto run = (*host)->start(std::move(request));
  if (!run)
    return fail(run.error());
  const auto end = (*host)->follow(*run, {}, [](const run_event& event) {
    std::cout << event.seq.value << ' ' << event.type() << '\n';
    return true;
  });
  return end && *end == run_status::completed ? 0 : 1;
}
