#include "tests/cases/agentic_case.hpp"

#include "domain/run/compactor.hpp"
#include "domain/tool/arguments.hpp"
#include "tests/cases/case_fields.hpp"
#include "tests/cases/case_script.hpp"
#include "tests/cases/case_world.hpp"
#include "tests/cases/recorded_stores.hpp"

#include <algorithm>
#include <stdexcept>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

constexpr auto turns_max = 2'000;
constexpr auto waits_max = 200;

json::array calls_shown(const std::vector<tool_call>& calls) {
  auto out = json::array{};
  for (const auto& call : calls)
    out.push_back(json::object{{"name", call.name},
                               {"args", json::parse(call.arguments)},
                               {"call_id", call.call_id},
                               {"truncated", call.truncated}});
  return out;
}

json::object message_shown(const message& m, const label_list& labels) {
  auto out = shown_text(with_labels(std::string{m.content.view()}, labels));
  out["role"] = name_of(m.from);
  if (!m.calls.empty())
    out["tool_calls"] = calls_shown(m.calls);
  if (m.from == role::tool)
    out["metadata"] = json::object{{"tool_call_id", m.call_id},
                                   {"tool_name", m.tool_name},
                                   {"is_error", m.is_error ? "True" : "False"}};
  if (m.kind == message_kind::step_compaction)
    out["metadata"] = json::object{{"kind", "step_compaction"}};
  return out;
}

/// As the engine counts a step's context; what a summary is made from is never counted by it.
std::uint64_t tokens_of(const chat_request& request) {
  const auto& context = request.context;
  if (request.purpose == call_purpose::summary)
    return source_tokenizer()->count(render(context, 0, context.size()));
  auto total = std::uint64_t{context.back()->size.alone};
  for (auto i = std::size_t{0}; i + 1 < context.size(); ++i)
    total += context[i]->size.followed;
  return total;
}

class player {
public:
  player(const json::object& scenario, scenario_parts parts)
    : scenario_{scenario}, stores_{std::move(parts.stores)},
      labels_{std::move(parts.prompts.labels)}, floor_{parts.prompts.floor},
      floor_parts_{std::move(parts.prompts.floor_parts)}, served_{parts.served}, world_{std::move(
                                                                                   parts.options)} {
    auto& spec = world_.spec;
    spec.task = text_of(scenario.at("task"));
    const auto* id = scenario.at("persona").as_object().if_contains("persona_id");
    if (id != nullptr)
      spec.persona = {text_of(*id)};
    // Below zero there is nothing: HTTP refuses such a limit.
    if (const auto* steps = scenario.if_contains("max_steps"))
      spec.limits.max_steps =
        static_cast<std::uint32_t>(std::max<std::int64_t>(0, steps->as_int64()));
    spec.ask_user = scenario.contains("user_answers");
    spec.force_frontier = scenario.contains("force_frontier");
  }

  played_case play() {
    world_.send_start();
    world_.step();  // the supervisor knows the run, which has not begun
    if (cancels("before"))
      world_.request_cancel();
    world_.settle();
    for (auto turn = 0; turn < turns_max; ++turn) {
      note_events();
      note_model_calls();
      note_tool_calls();
      if (finished_)
        return conclude();
      take_turn();
    }
    throw std::runtime_error("the scenario never ends");
  }

private:
  using tool_desk = call_desk<tool_request, tool_result>;
  struct open_tool {
    std::size_t index = 0;  // within its step
    std::string name;
    tool_desk::call_ptr call;
    json::object arguments;
    bool refused = false;
    std::string problem;
    std::int64_t delay = 0;
  };

  const json::object* cancel_rule(const char* kind) const {
    const auto* rules = scenario_.if_contains("cancel");
    const auto* rule = rules == nullptr ? nullptr : rules->as_object().if_contains(kind);
    return rule == nullptr ? nullptr : rule->if_object();
  }
  bool cancels(const char* kind) const {
    const auto* rules = scenario_.if_contains("cancel");
    return rules != nullptr && rules->as_object().contains(kind);
  }

  // --- rows ---

  void note(json::object row) { rows_.push_back(std::move(row)); }

  void note_events() {
    const auto all = world_.event_json();
    for (; events_ < all.size(); ++events_) {
      auto event = json::parse(all[events_]).as_object();
      const auto type = std::string{event.at("type").as_string()};
      auto data = shown(event.at("data"), labels_).as_object();
      rename_activity(data);
      if (type == "memory_recall")
        note_recalls();
      if (type == "finished") {
        note_episodes();
        finished_ = true;
        data["run_id"] = "<run>";
      }
      if (type == "asking_user")
        asked_ = std::string{event.at("data").at("question").as_string()};
      note({{"kind", "event"}, {"type", type}, {"step", event.at("step")}, {"data", data}});
      obey_cancel_at(type);
    }
  }

  void rename_activity(json::object& data) {
    if (auto* id = data.if_contains("activity_id")) {
      const auto [known, fresh] = activities_.emplace(std::string{id->as_string()},
                                                      "A" + std::to_string(activities_.size() + 1));
      *id = known->second;
    }
    if (data.contains("duration_ms"))
      data["duration_ms"] = "<ms>";
  }

  /// The stores are asked before their answer is an event.
  void note_recalls() {
    for (auto& row : std::exchange(stores_->rows, {}))
      note(shown(row, {}).as_object());
  }

  /// They become durable with the end.
  void note_episodes() {
    const auto scope = talk_scope(world_.spec.persona, world_.spec.owner, {});
    auto reader = world_.store->open_chunk_reader();
    const auto chunks = reader->list_chunks({{scope, memory_store_kind::episodic}});
    for (auto chunk : chunks.value()) {
      if (const auto run = chunk.metadata.find("run_id"); run != chunk.metadata.end())
        run->second = "<run>";
      note(shown(write_row(world_.spec.persona, chunk), {}).as_object());
    }
  }

  void obey_cancel_at(const std::string& type) {
    const auto nth = ++seen_[type];
    const auto* rule = cancel_rule("on_event");
    if (rule == nullptr)
      rule = cancel_rule("task_cancel_on_event");
    if (rule == nullptr || rule->at("type").as_string() != type)
      return;
    const auto* wanted = rule->if_contains("nth");
    if (nth == (wanted == nullptr ? 1 : wanted->as_int64()))
      cancel_due_ = true;
  }

  void note_model_calls() {
    const auto& calls = world_.model->desk.calls;
    for (; models_ < calls.size(); ++models_) {
      const auto& request = calls[models_]->request;
      const auto& who = served_->at(models_);
      auto tools = json::value{};
      if (request.tools != nullptr && !request.tools->empty()) {
        tools = json::array{};
        for (const auto& tool : *request.tools)
          tools.as_array().emplace_back(tool.name);
      }
      auto messages = json::array{};
      for (const auto& m : request.context)
        messages.push_back(message_shown(*m, labels_));
      const auto summary = request.purpose == call_purpose::summary;
      note({{"kind", "model_call"},
            {"tier", who.tier},
            {"provider", who.model.provider},
            {"model", who.model.model},
            {"purpose", summary ? "summary" : "step"},
            {"tools", tools},
            {"context_tokens", static_cast<std::int64_t>(tokens_of(request))},
            {"messages", messages}});
    }
  }

  /// Calls of a step that have been started since the last look, in call order.
  std::vector<open_tool> new_tool_calls() {
    auto fresh = std::vector<open_tool>{};
    for (const auto& [name, body] : world_.tools) {
      auto& seen = tools_seen_[name];
      for (; seen < body->desk.calls.size(); ++seen) {
        const auto& call = body->desk.calls[seen];
        const auto& key = call->request.idempotency_key;
        const auto index = std::stoul(key.substr(key.rfind('/') + 1));
        fresh.push_back({index, name, call, {}, false, {}, 0});
      }
    }
    std::ranges::sort(fresh, {}, &open_tool::index);
    return fresh;
  }

  void note_tool_calls() {
    for (auto& tool : new_tool_calls()) {
      const auto& what = *tool_in(scenario_, tool.name);
      const auto& given = tool.call->request.call.arguments;
      auto text = given;
      if (!what.contains("raw")) {
        const auto checked = check_arguments(world_.tool(tool.name).definition().parameters, given);
        if (const auto* problem = std::get_if<argument_problem>(&checked)) {
          tool.refused = true;
          tool.problem = problem->text;
        } else {
          text = std::get<checked_arguments>(checked).text;
        }
      }
      tool.arguments = json::parse(text).as_object();
      if (!tool.refused) {
        tool.delay = delay_of(what);
        note(
          {{"kind", "tool_exec"}, {"tool", tool.name}, {"args", shown(tool.arguments, labels_)}});
      }
      open_tools_.push_back(std::move(tool));
    }
  }

  static std::int64_t delay_of(const json::object& tool) {
    const auto* results = tool.if_contains("results");
    const auto* delay =
      results == nullptr ? nullptr : results->at(0).as_object().if_contains("delay_ms");
    return delay == nullptr ? 0 : delay->as_int64();
  }

  // --- what the outside does ---

  void take_turn() {
    if (std::exchange(cancel_due_, false))
      return world_.request_cancel();
    if (!open_tools_.empty())
      return answer_tool();
    if (world_.model->desk.waiting() != nullptr)
      return answer_model();
    if (asked_ && world_.spec.ask_user)
      return answer_question(*std::exchange(asked_, std::nullopt));
    if (++waits_ > waits_max)
      throw std::runtime_error("the run waits for nothing that the scenario knows");
    world_.advance(1s);
  }

  void answer_tool() {
    const auto next = std::ranges::min_element(open_tools_, {}, [](const open_tool& t) {
      return std::pair{t.delay, t.index};
    });
    const auto tool = *next;
    open_tools_.erase(next);
    tool.call->answered = true;
    tool.call->done(tool.refused ? error_of(tool.problem) : next_result(tool));
    world_.settle();
  }

  tool_result next_result(const open_tool& tool) {
    const auto* results = tool_in(scenario_, tool.name)->if_contains("results");
    if (results == nullptr)
      return result_of("ok");
    const auto& list = results->as_array();
    const auto at = std::min(results_used_[tool.name]++, list.size() - 1);
    return result_of_entry(list.at(at).as_object(), tool.arguments);
  }

  void answer_model() {
    const auto call = world_.model->desk.waiting();
    const auto& calls = world_.model->desk.calls;
    const auto at = static_cast<std::size_t>(std::ranges::find(calls, call) - calls.begin());
    const auto summary = call->request.purpose == call_purpose::summary;
    const auto* entry = summary ? next_summary() : next_reply(served_->at(at));
    if (entry != nullptr && entry->contains("cancel"))
      return world_.request_cancel();
    auto reply = entry != nullptr ? reply_of(*entry) : when_used_up(summary);
    if (reply) {
      answered_.prompt += reply->usage.prompt;
      answered_.completion += reply->usage.completion;
    }
    world_.model_answers(std::move(reply));
  }

  static model_result<model_reply> when_used_up(bool summary) {
    auto reply = says(summary ? "SUMMARY" : "[FINAL] The script is used up.");
    if (summary)
      reply.usage = {5, 2, false};
    return reply;
  }

  const json::object* next_summary() {
    const auto* summaries = scenario_.if_contains("summaries");
    if (summaries == nullptr || summaries_used_ >= summaries->as_array().size())
      return nullptr;
    return &summaries->as_array().at(summaries_used_++).as_object();
  }

  /// A model that failed and is asked again fails again when its script has no more; null: its
  /// script has no more.
  const json::object* next_reply(const served_call& who) {
    const auto* chain = chain_script(scenario_, who);
    const auto& script = chain == nullptr ? scenario_.at("script").as_array() : *chain;
    auto& used = chain == nullptr ? script_used_ : chain_used_[who.tier + who.model.model];
    if (used < script.size())
      return &script.at(used++).as_object();
    const auto fails =
      !script.empty() && script.at(script.size() - 1).as_object().contains("error");
    return fails ? &script.at(script.size() - 1).as_object() : nullptr;
  }

  void answer_question(const std::string& question) {
    const auto& answers = scenario_.at("user_answers").as_array();
    note({{"kind", "user_respond"}, {"question", shown(json::value(question), labels_)}});
    const auto nth = answers_used_++;
    const auto* rules = scenario_.if_contains("cancel");
    const auto* when =
      rules == nullptr ? nullptr : rules->as_object().if_contains("in_user_respond");
    if (when != nullptr && when->as_int64() == static_cast<std::int64_t>(nth) + 1)
      return world_.request_cancel();
    if (world_.answer(text_of(answers.at(nth))))
      throw std::runtime_error("the answer was refused");
  }

  // --- the end ---

  played_case conclude() {
    const auto whole = json::parse(to_json(world_.view(), true)).as_object();
    auto run = json::object{{"id", "<run>"}, {"started_at", "<ts>"}, {"finished_at", "<ts>"}};
    for (const auto* name : {"persona_id", "task", "status", "steps", "output", "error"})
      run[name] = shown(whole.at(name), labels_);
    for (auto& step : run["steps"].as_array())
      step.as_object()["latency_ms"] = "<ms>";
    note({{"kind", "run"}, {"run", run}});
    note({{"kind", "end"},
          {"script_used", static_cast<std::int64_t>(script_used_)},
          {"script_len", static_cast<std::int64_t>(scenario_.at("script").as_array().size())},
          {"summaries_used", static_cast<std::int64_t>(summaries_used_)}});
    return {std::move(rows_), world_.view().usage, answered_, with_labels(floor_, floor_parts_)};
  }

  const json::object& scenario_;
  std::shared_ptr<seen_stores> stores_;
  label_list labels_;
  std::string floor_;
  label_list floor_parts_;
  std::shared_ptr<std::vector<served_call>> served_;
  json::array rows_;
  std::size_t events_ = 0;
  std::size_t models_ = 0;
  std::map<std::string, std::size_t> tools_seen_;
  std::map<std::string, std::size_t> results_used_;
  std::map<std::string, std::size_t> chain_used_;
  std::map<std::string, std::int64_t> seen_;
  std::map<std::string, std::string> activities_;  // what rows call them
  std::vector<open_tool> open_tools_;
  std::optional<std::string> asked_;
  token_usage answered_;
  std::size_t script_used_ = 0;
  std::size_t summaries_used_ = 0;
  std::size_t answers_used_ = 0;
  int waits_ = 0;
  bool cancel_due_ = false;
  bool finished_ = false;
  world world_;
};

}  // namespace

played_case play_agentic(const json::object& scenario, std::uint64_t first_tokens) {
  return player{scenario, parts_of(scenario, first_tokens)}.play();
}

}  // namespace persona_runtime::test
