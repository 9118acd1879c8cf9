#include "tests/support/turn_driver.hpp"

#include "domain/skill/skill_index.hpp"
#include "tests/support/shared_tables.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace persona_runtime::test {
namespace {

message_size bytes_of(role from, std::string_view text) {
  const auto alone = static_cast<std::uint32_t>(name_of(from).size() + 2 + text.size());
  return {alone, alone + 1};
}

message_tables_ptr shared_tables() {
  static const auto tables = std::make_shared<const message_tables>(reference_tables());
  return tables;
}

turn_setup_ptr setup_of(const turn_options& options, const turn_rules& rules) {
  auto tools = toolbox::make(options.tools, allow_list{options.who.tools}).value();
  auto setup = std::make_shared<turn_setup>(
    turn_setup{std::make_shared<const persona>(options.who), nullptr, std::move(tools), 100});
  setup->frame = make_frame(options.who, rules.sections, {}, rules.count);
  setup->skills = options.skills;
  setup->skill_index =
    make_section(skill_index_text(options.skills, rules.skills.index_heading), rules.count);
  setup->keywords = keywords_of(options.who, rules.tables->signals.keywords);
  return setup;
}

floor_texts plain_sections() {
  auto t = floor_texts{};
  t.opener = "You are {name}, {role}.";
  t.language = "Reply in {language}.";
  t.prohibitions = "NEVER:";
  t.self_facts = "FACTS:";
  t.worldview = "VIEWS:";
  t.episodic = "EPISODES:";
  t.memory_note = "MEMORY NOTE";
  t.footer = "STAY IN CHARACTER.";
  return t;
}

skill_texts plain_skill_texts() {
  auto t = skill_texts{};
  t.index_heading = "SKILLS";
  t.activated = "ACTIVE {skill}";
  t.preamble = "ADVICE:";
  t.not_approved = "NOT APPROVED {skill}";
  t.cycle = "CYCLE {skill}";
  t.too_deep = "TOO DEEP {skill} {max}";
  t.over_budget = "NO ROOM {skill}";
  return t;
}

}  // namespace

turn_texts plain_turn_texts() {
  auto t = turn_texts{};
  t.assume = "ASSUME {missing}";
  t.rounds_used_up = "NO MORE TOOLS";
  t.use_the_tools = "USE {tools}";
  t.continue_answer = "GO ON";
  t.outcome_unknown = "{tool} UNKNOWN";
  t.not_carried_out = "{tool} NOT DONE";
  t.too_many_calls = "AT MOST {max}";
  t.history_lead_in = "BEFORE: ";
  t.fold_instruction = "FOLD";
  t.refold_instruction = "REFOLD";
  t.title_instruction = "TITLE";
  return t;
}

std::vector<std::string> after_recall(std::vector<std::string> rest) {
  rest.insert(rest.begin(), 4, "memory_recall");
  return rest;
}

conversation_message said(role from, std::string text) {
  auto m = conversation_message{};
  m.from = from;
  m.content = std::move(text);
  return m;
}

conversation_message asked(std::string question) {
  auto m = said(role::assistant, std::move(question));
  m.metadata.emplace(metadata_key::proactive_question, "true");
  return m;
}

persona turn_options::chatty() {
  auto p = persona{};
  p.identity.name = "Mira";
  p.identity.role = "harbour clerk";
  p.identity.background = "Keeps the berth book.";
  p.tools = {"*"};
  p.decides = autonomy::decisive;
  return p;
}

turn_driver::turn_driver(turn_options given)
  : turn_driver{std::move(given), std::numeric_limits<std::uint64_t>::max()} {
}

turn_driver::turn_driver(turn_options given, std::uint64_t messages_before)
  : options{std::move(given)} {
  rules.tiers = std::make_shared<const tier_table>(options.tiers);
  rules.tables = shared_tables();
  rules.texts = std::make_shared<const turn_texts>(plain_turn_texts());
  rules.sections = plain_sections();
  rules.skills = plain_skill_texts();
  rules.size_of = bytes_of;
  rules.count = [](std::string_view text) { return text.size(); };
  rules.shorten = [](std::string_view text, std::uint64_t tokens_max) {
    return std::string{text.substr(0, tokens_max)};
  };
  rules.rounds_max = options.rounds_max;
  rules.retries_refusals = options.retries_refusals;
  if (options.adjust)
    options.adjust(rules);
  auto spec = turn_spec{};
  spec.conversation = {"conv_1"};
  spec.question = options.question;
  spec.answer = options.answer;
  spec.owner = {"alice"};
  spec.persona = options.of;
  spec.text = options.text;
  spec.images = options.images;
  const auto known = messages_before != std::numeric_limits<std::uint64_t>::max();
  spec.messages_before = known ? messages_before : options.talk.messages.size();
  spec.began = now;
  spec.limits = options.limits;
  const auto shared = std::make_shared<const turn_spec>(std::move(spec));
  frame = make_turn_frame(
    setup_of(options, rules), shared, std::make_shared<const conversation>(options.talk),
    {options.shown_episodes, options.nonce, options.approved_skills, {}, options.spent}, rules);
  records = open_turn(state, shared);
  instants.assign(records.size(), now);
  tell(turn_begins{frame});
  if (options.recalls)
    recall();
}

void turn_driver::tell(const turn_input& in) {
  take(decide(state, in, rules, now));
}

void turn_driver::take(turn_decision made) {
  instants.insert(instants.end(), made.records.size(), now);
  records.insert(records.end(), made.records.begin(), made.records.end());
  for (auto& e : made.effects) {
    effects.push_back(e);
    if (const auto* asked_for = std::get_if<reserve_step>(&e))
      answer_reservation(reserve_step{*asked_for});
    if (const auto* call = std::get_if<call_model>(&e)) {
      open_call = *call;
      sent.push_back(*call->what);
    }
    if (const auto* call = std::get_if<call_tool>(&e))
      open_tools.push_back(*call);
    if (const auto* wanted = std::get_if<recall_memory>(&e))
      open_recall = *wanted;
    if (std::holds_alternative<cancel_calls>(e)) {
      open_call.reset();
      open_tools.clear();
    }
  }
}

void turn_driver::answer_reservation(const reserve_step& asked_for) {
  const auto verdict = consider(options.limits, committed_before(asked_for), asked_for.request);
  if (const auto* grant = std::get_if<budget_grant>(&verdict))
    tell(
      step_granted{asked_for.call, asked_for.request.kind, grant->amount, grant->reply_tokens_max});
  else
    tell(step_refused{asked_for.call, std::get<budget_refusal>(verdict)});
}

void turn_driver::recall() {
  const auto wanted = std::exchange(open_recall, std::nullopt).value();
  tell(memory_recalled{wanted.call, options.memory, options.learned});
}

void turn_driver::model_streams(std::string_view piece) {
  tell(
    text_arrived{current(state), state.visible.size() - state.attempt_begin, std::string{piece}});
}

void turn_driver::model_replies(model_reply reply) {
  reply.size = rules.size_of(role::assistant, reply.text);
  const auto call = std::exchange(open_call, std::nullopt).value();
  const auto* tier = rules.tiers->resolve(call.what->tier);
  const auto& model = tier->members.at(call.what->walk.member);
  const auto usage = reply.usage;
  tell(model_replied{call.call, std::move(reply), model.label(),
                     cost_cents(model, usage.prompt, usage.completion)});
}

void turn_driver::model_says(std::string text, token_usage usage) {
  auto reply = model_reply{};
  reply.text = std::move(text);
  reply.usage = usage;
  model_replies(std::move(reply));
}

void turn_driver::model_calls(std::vector<tool_call> calls, std::string narration) {
  auto reply = model_reply{};
  reply.text = std::move(narration);
  reply.calls = std::move(calls);
  reply.usage = {10, 5, false};
  model_replies(std::move(reply));
}

void turn_driver::model_fails(model_error error, std::optional<retry_plan> next,
                              token_usage usage) {
  const auto call = std::exchange(open_call, std::nullopt).value();
  const auto* tier = rules.tiers->resolve(call.what->tier);
  const auto& model = tier->members.at(call.what->walk.member);
  tell(model_failed{call.call, std::move(error), model.label(),
                    cost_cents(model, usage.prompt, usage.completion), usage, std::move(next)});
}

void turn_driver::model_fails_in_tier(const model_error& error) {
  const auto& what = *open_call.value().what;
  const auto& tier = *rules.tiers->resolve(what.tier);
  const auto next = next_attempt(what.walk, error, tier, {}, 0.5, now.value, what.order);
  const auto* on = std::get_if<walk_on>(&next);
  auto plan = std::optional<retry_plan>{};
  if (on != nullptr)
    plan =
      retry_plan{on->where, on->delay, on->fell_over, tier.members.at(on->where.member).label()};
  model_fails(error, std::move(plan));
}

void turn_driver::tool_returns(std::uint32_t index, std::string content, bool is_error) {
  auto result = tool_result{};
  result.content = std::move(content);
  result.is_error = is_error;
  tool_returns(index, std::move(result));
}

void turn_driver::tool_returns(std::uint32_t index, tool_result result) {
  auto answer = tool_replied{current(state), {index}, std::move(result), {}, {}, false};
  answer.size = rules.size_of(role::tool, answer.result.content);
  std::erase_if(open_tools, [&](const call_tool& c) { return c.index.value == index; });
  tell(answer);
}

void turn_driver::cancel(std::string reason) {
  tell(persona_runtime::cancel{std::move(reason)});
}

std::vector<std::string> turn_driver::kinds() const {
  auto out = std::vector<std::string>{};
  for (const auto& r : records)
    out.emplace_back(kind_of(r));
  return out;
}

std::vector<std::string> turn_driver::events() const {
  auto out = std::vector<std::string>{};
  for (const auto& r : records) {
    if (is_public(r))
      out.emplace_back(kind_of(r));
  }
  return out;
}

std::size_t turn_driver::count(std::string_view kind) const {
  return static_cast<std::size_t>(
    std::ranges::count_if(records, [&](const turn_record& r) { return kind_of(r) == kind; }));
}

std::vector<std::string> turn_driver::chunks() const {
  auto out = std::vector<std::string>{};
  for (const auto& r : records) {
    if (const auto* chunk = std::get_if<turn_fact::chunk>(&r))
      out.push_back(chunk->text);
  }
  return out;
}

std::string turn_driver::body() const {
  auto text = std::string{};
  auto seq = event_seq{};
  for (auto i = std::size_t{0}; i < records.size(); ++i) {
    encode(text, records[i], {state.spec->answer, seq, instants[i]});
    seq.value += is_public(records[i]) ? 1 : 0;
  }
  return text;
}

turn_state turn_driver::replayed() const {
  auto again = turn_state{};
  for (const auto& r : decode_turn_body(body()).value())
    ::persona_runtime::apply(again, r.body);
  return again;
}

std::vector<std::string> turn_driver::prompt() const {
  auto out = std::vector<std::string>{};
  for (auto i = std::size_t{1}; i < request().context.size(); ++i) {
    const auto& m = *request().context[i];
    out.push_back(std::string{name_of(m.from)} + ": " + m.content.str());
  }
  return out;
}

}  // namespace persona_runtime::test
