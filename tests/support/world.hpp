#pragma once
// The whole engine on one thread and on virtual time: nothing happens until a test says so.

#include "bootstrap/data_files.hpp"
#include "bootstrap/engine/persona_setups.hpp"
#include "bootstrap/engine/wiring.hpp"
#include "domain/text/sha256.hpp"
#include "messages/table.hpp"
#include "providers/store/memory_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fakes.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace persona_runtime::test {

using namespace std::chrono_literals;

struct test_config : caf::actor_system_config {
  test_config() {
    set("scheduler.policy", caf::atom("testing"));
    announce_messages(*this);
  }
};

/// The tokenizer and the prompts of the source tree, read once.
[[nodiscard]] const tokenizer_ptr& source_tokenizer();
[[nodiscard]] const prompt_texts& source_prompts();

/// Texts and tables of chats, of the source tree, read once.
[[nodiscard]] const chat_data& source_chat_data();

/// A persona that may use "search" and "write".
[[nodiscard]] persona a_persona();

[[nodiscard]] tool_definition a_tool(std::string name, tool_effect effect = tool_effect::read_only);

[[nodiscard]] model_entry a_model(std::string provider, std::string model);

struct world_options {
  std::vector<std::pair<std::string, std::vector<model_entry>>> tiers{
    {"frontier", {a_model("anthropic", "frontier-model")}},
    {"mid", {a_model("anthropic", "mid-model")}},
    {"small", {a_model("anthropic", "small-model")}}};
  std::vector<tool_definition> tools{a_tool("search"), a_tool("write", tool_effect::side_effect)};
  persona who = a_persona();
  gate_limits gate{};
  bool hedges = false;
  std::string chat_persona_extra{};  // YAML behind the document of those who chat
  supervisor_limits supervisor{};
  stream_limits stream{};
  std::shared_ptr<journal_store> store{};  // null: a fresh one in memory
  std::size_t floor = 2;
  bool resumes = false;  // take up what the store holds
  conversation_limits conversations{};
  completion_limits completions{};
  history_rules history{};
  memory_asker recall{};
  bool remembers = false;  // with a memory actor, and the tools remember and forget
  std::shared_ptr<turn_log_writer> turn_logs{};  // null: logs are kept in the store only
  bool summarises = false;                       // text_summarize is registered
  std::optional<prompt_texts> texts{};           // none: those of the source tree
  log_ptr log = quiet_log();
  routing_rules routing{};
  model_traits_table traits{};
  shelf_ptr skills{};  // null: there are none
  /// The provider of one member of a tier; empty: the world's desk for all of them.
  std::function<std::shared_ptr<chat_provider>(const std::string& tier, const model_entry&,
                                               std::shared_ptr<desk_provider>)>
    provider_of{};
};

/// Every model of a world answers at one desk, every tool at its own.
struct world {
  explicit world(world_options options = {});
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  // --- time ---
  [[nodiscard]] instant now() const;
  void settle();
  void advance(std::chrono::milliseconds by);
  /// Lets `count` messages be handled; false when fewer were there.
  bool step(std::size_t count = 1);

  // --- what a user does ---
  /// Starts a run with `spec`; its id.
  run_id start();
  /// The same, but nothing has been handled yet when it returns.
  void send_start();
  void request_cancel(std::string reason = {});
  /// The failure of an answer, or none.
  std::optional<failure> answer(std::string text, std::string question_id = {});

  // --- what the outside does ---
  void model_answers(model_result<model_reply> reply);
  void tool_answers(const std::string& tool, tool_result result);
  void crash_run();

  // --- what can be seen ---
  [[nodiscard]] std::vector<decoded_record> records();
  [[nodiscard]] std::vector<std::string> kinds();       // of all records
  [[nodiscard]] std::vector<std::string> events();      // types of public ones
  [[nodiscard]] std::vector<std::string> event_json();  // whole public lines
  [[nodiscard]] std::size_t count(const std::string& kind);
  [[nodiscard]] run_view view();
  [[nodiscard]] run_state journalled();
  template <class Fact>
  [[nodiscard]] Fact last() {
    const auto all = records();
    for (auto i = all.rbegin(); i != all.rend(); ++i) {
      if (const auto* found = std::get_if<Fact>(&i->body))
        return *found;
    }
    FAIL("no such record");
    return {};
  }
  [[nodiscard]] const chat_request& last_request() const {
    return model->desk.calls.back()->request;
  }
  [[nodiscard]] desk_tool& tool(const std::string& name);

  world_options options;
  std::shared_ptr<desk_provider> model = std::make_shared<desk_provider>();
  std::map<std::string, std::shared_ptr<desk_tool>> tools;
  std::shared_ptr<journal_store> store;
  test_config config;
  caf::actor_system sys{config};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  run_actor actor;                  // of the newest incarnation
  conversation_actor conversation;  // opened last
  setup_ptr setup;
  run_spec spec;
  run_id run{"run_01JD0000000000000000000000"};
  wiring actors;
  double chance = 0.5;
  std::string fault;                 // "supervisor", "tier" or "tool": what it does next throws
  std::vector<std::string> crashes;  // what the guard was told

private:
  void throw_if(const std::string& planted) const;
  wiring_options wiring_options_for();
  void add_own_tools(wiring_parts& parts);
};

}  // namespace persona_runtime::test
