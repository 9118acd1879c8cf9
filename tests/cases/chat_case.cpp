#include "tests/cases/chat_case.hpp"

#include "domain/conversation/kept_talk.hpp"
#include "domain/run/compactor.hpp"
#include "domain/tier/walk.hpp"
#include "domain/tool/arguments.hpp"
#include "tests/cases/case_fields.hpp"
#include "tests/cases/case_script.hpp"
#include "tests/cases/chat_scene.hpp"
#include "tests/cases/recorded_stores.hpp"
#include "tests/support/shared_tokenizer.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

json::object image_shown(const image_block& image) {
  return {{"type", "image"},
          {"workspace_path", image.workspace_path},
          {"media_type", name_of(image.type)}};
}

/// A text, or a text with images, under that role.
json::object said_shown(role from, const std::string& text,
                        const std::vector<image_block>& images) {
  auto out = shown_text(text);
  if (!images.empty()) {
    out["type"] = "text";
    auto blocks = json::array{std::move(out)};
    for (const auto& image : images)
      blocks.push_back(image_shown(image));
    out = {{"blocks", std::move(blocks)}};
  }
  out["role"] = name_of(from);
  return out;
}

json::object call_shown(const tool_call& call) {
  return {{"name", call.name},
          {"args", json::parse(call.arguments)},
          {"call_id", call.call_id},
          {"truncated", call.truncated}};
}

/// What a scenario knows of an image is where it lies.
image_block image_at(const std::string& path) {
  const auto type = path.ends_with(".png") ? image_type::png : image_type::jpeg;
  return {path, type, {}};
}

/// A conversation that goes on from turn to turn, as its actor keeps it.
class chat_player {
public:
  explicit chat_player(const json::object& scenario)
    : scenario_{scenario}, scene_{scene_of(scenario)}, stores_{scenario} {
    talk_.id = {"conv"};
    talk_.persona = scene_.options.of;
    for (std::uint64_t i = 0; i < number(scenario, "history_fill", 0); ++i)
      remember(i % 2 == 0 ? role::user : role::assistant, "turn " + std::to_string(i));
    for (const auto& item : list(scenario, "history"))
      remember(field(item.as_object(), "role") == "user" ? role::user : role::assistant,
               field(item.as_object(), "content"));
  }

  json::array play() {
    auto index = 0;
    for (const auto& turn : list(scenario_, "turns"))
      play_turn(turn.as_object(), index++);
    note({{"kind", "end"},
          {"script_used", used_in_all_},
          {"script_len", given_in_all_},
          {"summaries_used", summaries_}});
    return std::move(rows_);
  }

private:
  void note(json::object row) { rows_.push_back(std::move(row)); }

  json::object shown_message(role from, const std::string& text,
                             const std::vector<image_block>& images = {}) const {
    return said_shown(from, with_labels(text, scene_.labels), images);
  }

  void remember(role from, const std::string& text) {
    talk_.tail.push_back(
      {said(from, text), talk_.messages, {"msg_" + std::to_string(talk_.messages)}});
    all_.push_back(shown_message(from, text));
    ++talk_.messages;
  }

  turn_options options_for(const json::object& turn) const {
    auto options = scene_.options;
    options.talk = for_turn(talk_);
    options.text = text_of(turn.at("message"));
    options.question = {"msg_" + std::to_string(talk_.messages)};
    options.answer = {"msg_" + std::to_string(talk_.messages + 1)};
    options.shown_episodes = shown_episodes(talk_);
    for (const auto& path : list(turn, "images"))
      options.images.push_back(image_at(text_of(path)));
    return options;
  }

  void play_turn(const json::object& turn, int index) {
    note({{"kind", "turn_start"},
          {"turn", index},
          {"message", shown(json::value(text_of(turn.at("message"))), {})},
          {"messages_before", talk_.messages}});
    script_ = list(turn, "script");
    next_ = 0;
    records_ = 0;
    calls_ = 0;
    execs_ = 0;
    ids_.clear();
    answers_.clear();
    auto driver = turn_driver{options_for(turn), talk_.messages};
    write_rows(driver);
    driver.options.memory = stores_.recall(driver.open_recall.value().what, rows_);
    driver.recall();
    drive(driver);
    finish(driver, index);
  }

  void drive(turn_driver& d) {
    for (auto round = 0; round < 200; ++round) {
      write_rows(d);
      if (d.is_over())
        return;
      if (!d.open_tools.empty())
        answer_tool(d);
      else if (d.open_call)
        answer_model(d);
      else
        throw std::runtime_error("the turn waits for nothing");
    }
    throw std::runtime_error("the turn never ends");
  }

  // --- what the outside does ---

  /// The script of the model that is asked; null: the turn's own.
  const json::array* script_of(const model_call& call) const {
    const auto* tiers = scenario_.if_contains("tiers");
    const auto* tier = tiers == nullptr ? nullptr : tiers->as_object().if_contains(call.tier);
    const auto* chain = tier == nullptr ? nullptr : tier->as_object().if_contains("chain");
    return chain == nullptr ? nullptr
                            : &list(chain->as_array().at(call.walk.member).as_object(), "script");
  }

  /// A tier of several models has a script for each.
  void answer_member(turn_driver& d, const json::array& script) {
    const auto& call = *d.open_call->what;
    const auto key = call.tier + std::to_string(call.walk.member);
    const auto& entry = script.at(member_next_[key]++).as_object();
    if (!entry.contains("error"))
      return d.model_replies(chat_reply_of(entry));
    const auto error = reply_of(entry).error();
    const auto& tier = *d.rules.tiers->resolve(call.tier);
    const auto next = next_attempt(call.walk, error, tier, {}, 0.5, 0, call.order);
    auto plan = std::optional<retry_plan>{};
    if (const auto* on = std::get_if<walk_on>(&next))
      plan =
        retry_plan{on->where, on->delay, on->fell_over, tier.members.at(on->where.member).label()};
    d.model_fails(error, plan);
  }

  void answer_model(turn_driver& d) {
    if (const auto* script = script_of(*d.open_call->what))
      return answer_member(d, *script);
    if (next_ >= script_.size())  // the reference called no model here
      return d.model_says("The script is used up.");
    const auto& entry = script_.at(next_++).as_object();
    const auto* error = entry.if_contains("error");
    auto streamed = std::uint64_t{0};
    for (const auto& delta : list(entry, "deltas")) {
      if (error != nullptr && streamed++ >= number(error->as_object(), "after", 0))
        break;
      d.model_streams(text_of(delta));
      write_rows(d);
    }
    if (error != nullptr)
      return d.model_fails(reply_of(entry).error());
    d.model_replies(chat_reply_of(entry));
  }

  void answer_tool(turn_driver& d) {
    const auto call = d.open_tools.front();
    const auto& tool = *tool_in(scenario_, call.what.name);
    const auto checked = check_arguments(schema_of_tool(tool), call.what.arguments);
    auto result = tool_result{};
    if (const auto* problem = std::get_if<argument_problem>(&checked)) {
      result.content = problem->text;
      result.is_error = true;
    } else {
      const auto arguments = json::parse(std::get<checked_arguments>(checked).text).as_object();
      result = next_result(tool, arguments);
    }
    d.tool_returns(call.index.value, std::move(result));
  }

  tool_result next_result(const json::object& tool, const json::object& arguments) {
    const auto& results = list(tool, "results");
    if (results.empty())
      return result_of("ok");
    const auto at = std::min<std::size_t>(answers_[field(tool, "name")]++, results.size() - 1);
    return result_of_entry(results.at(at).as_object(), arguments);
  }

  // --- rows ---

  void write_rows(const turn_driver& d) {
    for (; records_ < d.records.size(); ++records_)
      write_record(d, d.records[records_]);
    for (; calls_ < d.sent.size(); ++calls_)
      write_call(d, d.sent[calls_]);
    for (; execs_ < d.effects.size(); ++execs_) {
      if (const auto* call = std::get_if<call_tool>(&d.effects[execs_]))
        write_exec(*call);
    }
  }

  void write_exec(const call_tool& call) {
    const auto schema = schema_of_tool(*tool_in(scenario_, call.what.name));
    const auto checked = check_arguments(schema, call.what.arguments);
    if (const auto* fine = std::get_if<checked_arguments>(&checked))
      note({{"kind", "tool_exec"}, {"tool", call.what.name}, {"args", json::parse(fine->text)}});
  }

  void write_record(const turn_driver& d, const turn_record& r) {
    if (const auto* chunk = std::get_if<turn_fact::chunk>(&r))
      return note({{"kind", "chunk"},
                   {"delta", shown(json::value(chunk->text), scene_.labels)},
                   {"is_final", false},
                   {"usage", nullptr}});
    if (const auto* routed = std::get_if<turn_fact::routed>(&r))
      return write_event("tier", json::object{{"tier", routed->decision.tier}});
    if (std::holds_alternative<turn_fact::thinking>(r))
      return write_event("thinking", {});
    if (const auto* failed = std::get_if<turn_fact::failed>(&r))
      return note({{"kind", "error"}, {"error", failed->kind}, {"message", failed->message}});
    if (const auto* done = std::get_if<turn_fact::done>(&r))
      return write_final(d, done->usage);
    if (!is_public(r) || std::holds_alternative<turn_fact::finished>(r))
      return;
    auto line = std::string{};
    encode(line, r, {d.state.spec->answer, {}, d.now});
    auto event = json::parse(line).as_object();
    write_event(std::string{kind_of(r)}, event.at("data").as_object());
  }

  void write_event(const std::string& type, json::object data) {
    if (auto* id = data.if_contains("activity_id")) {
      const auto [known, fresh] =
        ids_.emplace(std::string{id->as_string()}, "A" + std::to_string(ids_.size() + 1));
      data["activity_id"] = known->second;
    }
    if (data.contains("duration_ms"))
      data["duration_ms"] = "<ms>";
    note({{"kind", "event"}, {"type", type}, {"step", -1}, {"data", shown(data, scene_.labels)}});
  }

  /// The last transaction brings episode, answer and log together; viewers see its end.
  void write_final(const turn_driver& d, const token_usage& total) {
    const auto text = d.answer();
    if (!d.state.question && !text.empty())
      note(
        stores_.write(turn_episode(talk_scope(d.options.of, d.state.spec->owner, {}),
                                   d.options.text, text, ulid_of(d.options.answer.value), d.now)));
    json::value usage = nullptr;
    if (total != token_usage{})
      usage = json::array{total.prompt, total.completion};
    note({{"kind", "chunk"}, {"delta", ""}, {"is_final", true}, {"usage", usage}});
  }

  json::object message_row_of(const message& m) const {
    auto out = shown_message(m.from, m.content.str(), m.images);
    if (!m.calls.empty()) {
      auto calls = json::array{};
      for (const auto& call : m.calls)
        calls.push_back(call_shown(call));
      out["tool_calls"] = std::move(calls);
    }
    if (m.from == role::tool)
      out["metadata"] = json::object{{"tool_call_id", m.call_id},
                                     {"tool_name", m.tool_name},
                                     {"is_error", m.is_error ? "True" : "False"}};
    return out;
  }

  /// As if the texts were those that the reference has.
  std::int64_t tokens_of(const message_list& context) const {
    const auto text = render(context, 0, context.size());
    auto tokens = static_cast<std::int64_t>(shared_tokenizer().count(text));
    for (const auto& one : scene_.texts) {
      for (auto at = text.find(one.ours); at != std::string::npos; at = text.find(one.ours, at + 1))
        tokens += one.more_tokens;
    }
    return tokens;
  }

  void write_request(const tier_entry& tier, std::size_t member, const message_list& context,
                     json::object row) {
    auto messages = json::array{};
    for (const auto& m : context)
      messages.push_back(message_row_of(*m));
    const auto& model = tier.members.at(member);
    row["kind"] = "model_call";
    row["tier"] = tier.name;
    row["provider"] = model.provider;
    row["model"] = model.model;
    if (std::ranges::all_of(context, [](const auto& m) { return m->images.empty(); }))
      row["context_tokens"] = tokens_of(context);
    row["messages"] = std::move(messages);
    note(std::move(row));
  }

  void write_call(const turn_driver& d, const model_call& call) {
    auto tools = json::value{};
    if (call.tools != nullptr) {
      tools = json::array{};
      for (const auto& tool : *call.tools)
        tools.as_array().emplace_back(tool.name);
    }
    write_request(*d.rules.tiers->resolve(call.tier), call.walk.member, call.context,
                  {{"mode", call.is_chat ? "stream" : "chat"},
                   {"purpose", "step"},
                   {"tools", std::move(tools)}});
  }

  // --- the end of a turn ---

  void finish(const turn_driver& d, int index) {
    if (auto log = log_of(d.state, *d.rules.tiers, d.now)) {
      fallbacks_.note(log->fallback_engaged);
      log->fallback_rate_alert = fallbacks_.alerting();
      write_log(*log);
    }
    keep(d);
    used_in_all_ += next_;
    given_in_all_ += script_.size();
    write_end(index);
    if (d.state.status == message_status::complete)
      fold_behind(d);
  }

  void keep(const turn_driver& d) {
    auto question = message_row{};
    auto answer = message_row{};
    question.id = d.options.question;
    question.content = shared_text{d.options.text};
    question.position = talk_.messages;
    answer.id = {d.options.answer.value};
    answer.from = role::assistant;
    answer.position = talk_.messages + 1;
    answer.content = shared_text{d.answer()};
    answer.question = d.state.question;
    answer.status = d.state.status;
    keep_turn(talk_, question, answer);
    all_.push_back(shown_message(role::user, d.options.text, d.options.images));
    all_.push_back(shown_message(role::assistant, d.answer()));
    if (d.state.question)
      all_.back()["metadata"] = json::object{{"proactive_question", "true"}};
  }

  void write_log(const turn_log& log) {
    auto text = std::string{};
    append_turn_log(text, log);
    auto fields = json::parse(text).as_object();
    fields["conversation_id"] = talk_.id.value;
    fields["latency_ms"] = "<ms>";
    fields["routing_latency_ms"] = "<ms>";
    fields["timestamp"] = "<ts>";
    auto& decision = fields.at("routing_decision").as_object();
    decision["layer2_score"] = decision.at("layer2_score").to_number<double>();
    note({{"kind", "turn_log"}, {"turn_log", std::move(fields)}});
  }

  void write_end(int index) {
    auto tail = json::array{};
    for (auto i = all_.size() < 3 ? std::size_t{0} : all_.size() - 3; i < all_.size(); ++i)
      tail.push_back(all_[i]);
    note({{"kind", "turn_end"},
          {"turn", index},
          {"messages_after", all_.size()},
          {"tail", std::move(tail)},
          {"compacted_up_to", talk_.folded},
          {"compacted_summary", shown(json::value(talk_.summary), {})},
          {"script_used", next_},
          {"script_len", script_.size()}});
  }

  void fold_behind(const turn_driver& d) {
    const auto due = due_fold(talk_, scene_.history);
    if (!due)
      return;
    auto system = message{};
    system.from = role::system;
    system.content = shared_text{d.rules.texts->fold_instruction};
    auto user = message{};
    user.content = shared_text{due->text};
    write_request(*d.rules.tiers->resolve("small"), 0,
                  {std::make_shared<const message>(std::move(system)),
                   std::make_shared<const message>(std::move(user))},
                  {{"mode", "chat"}, {"purpose", "summary"}, {"tools", nullptr}});
    const auto& given = list(scenario_, "summaries");
    auto text = std::string{"SUMMARY"};
    if (summaries_ < given.size()) {
      const auto& entry = given.at(summaries_++).as_object();
      if (entry.contains("error"))
        return;
      text = field(entry, "content");
    }
    fold(talk_, due->range, joined_summary(talk_.summary, text));
  }

  const json::object& scenario_;
  chat_scene scene_;
  recorded_stores stores_;
  kept_talk talk_;
  fallback_window fallbacks_;
  std::vector<json::object> all_;  // every message of the conversation, as rows show it
  json::array rows_;
  json::array script_;
  std::size_t next_ = 0;  // of the turn's script
  std::size_t used_in_all_ = 0;
  std::size_t given_in_all_ = 0;
  std::size_t summaries_ = 0;
  std::size_t records_ = 0;  // of the turn, that are written down
  std::size_t calls_ = 0;
  std::size_t execs_ = 0;
  std::map<std::string, std::size_t> member_next_;  // of the scripts of a tier's models
  std::map<std::string, std::string> ids_;
  std::map<std::string, std::size_t> answers_;
};

}  // namespace

json::array play_chat(const json::object& scenario) {
  return chat_player{scenario}.play();
}

}  // namespace persona_runtime::test
