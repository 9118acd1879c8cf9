#include "tests/support/run_driver.hpp"

#include "domain/tool/definition.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime::test {
namespace {

message_size size_in_bytes(role from, std::string_view text) {
  const auto alone = static_cast<std::uint32_t>(name_of(from).size() + 2 + text.size());
  return {alone, alone + 1};
}

message_ptr fixed(role from, const std::string& text) {
  auto m = message{};
  m.from = from;
  m.content = shared_text{text};
  m.size = size_in_bytes(from, text);
  return std::make_shared<const message>(std::move(m));
}

tool_definition tool_named(std::string name, tool_effect effect, bool exclusive = false) {
  auto t = tool_definition{};
  t.name = std::move(name);
  t.description = "a tool of the tests";
  t.parameters = R"({"type":"object"})";
  t.effect = effect;
  t.exclusive = exclusive;
  return t;
}

run_texts plain_texts() {
  auto t = run_texts{};
  t.no_answer = "NO ANSWER";
  t.reasoning_nudge = "GO ON";
  t.strong_nudge = "GO ON NOW";
  t.invented_tool_nudge = "NO SUCH TOOL";
  t.step_summary_instruction = "SHORTEN";
  t.step_summary_lead_in = "EARLIER: ";
  t.partial_result_instruction = "SAY WHAT YOU HAVE";
  t.truncated_call = "the call of {tool} was cut";
  t.unavailable_tool = "{tool} is not there; there are {available}";
  t.unregistered_tool = "{tool} is not registered";
  t.outcome_unknown = "what became of {tool} is not known";
  t.too_many_calls = "more than {max} calls";
  t.generic_question = "What should I know?";
  t.question_options = {"Yes", "No", "Let me explain"};
  return t;
}

}  // namespace

run_setup plain_setup() {
  auto s = run_setup{};
  s.floor = fixed(role::system, "You are Mira.");
  s.tools = {tool_named("note", tool_effect::idempotent),
             tool_named("search", tool_effect::read_only),
             tool_named("solo", tool_effect::read_only, true),
             tool_named("write", tool_effect::side_effect)};
  s.allowed = {"note", "search", "solo", "write"};
  s.schema_tokens = 100;
  s.texts = plain_texts();
  s.no_answer = fixed(role::user, s.texts.no_answer);
  s.reasoning_nudge = fixed(role::user, s.texts.reasoning_nudge);
  s.strong_nudge = fixed(role::user, s.texts.strong_nudge);
  s.invented_tool_nudge = fixed(role::user, s.texts.invented_tool_nudge);
  return s;
}

model_entry lab_model(const std::string& name) {
  auto m = model_entry{};
  m.provider = "lab";
  m.model = name;
  m.price = model_price{1.0, 2.0};
  m.context_window = 1'000'000;
  m.reply_tokens_max = 1'000;
  m.counts_exactly = true;
  return m;
}

tier_table three_tiers() {
  return {{{"frontier", {lab_model("frontier-model")}},
           {"mid", {lab_model("mid-model")}},
           {"small", {lab_model("small-model")}}}};
}

tool_call wants(std::string name, std::string call_id, std::string arguments) {
  return {std::move(name), std::move(arguments), std::move(call_id), false};
}

run_driver::run_driver(driver_options options) : run_driver{std::move(options), {}, {}} {
}

run_driver::run_driver(driver_options options, const std::vector<record>& past, resume_reason why) {
  rules.tiers = std::make_shared<const tier_table>(std::move(options.tiers));
  rules.size_of = size_in_bytes;
  rules.shorten = [](std::string_view text, std::uint64_t tokens_max) {
    return std::string{text.substr(0, tokens_max)};
  };
  rules.nonce = [] { return std::string{"c0ffee"}; };
  state.setup = std::make_shared<const run_setup>(std::move(options.setup));
  limits_ = options.limits;
  if (!past.empty()) {
    for (const auto& r : past)
      ::persona_runtime::apply(state, r);
    records = past;
    instants.assign(past.size(), now);
    limits_ = state.spec->limits;
    tell(begin{{state.life.value + 1}, why});
    return;
  }
  auto spec = run_spec{};
  spec.owner = {"alice"};
  spec.persona = {"persona_1"};
  spec.task_size = size_in_bytes(role::user, options.task);
  spec.task = std::move(options.task);
  spec.limits = options.limits;
  spec.ask_user = options.ask_user;
  spec.force_frontier = options.force_frontier;
  spec.setup_hash = std::string(64, 'a');
  records = accept(state, {"run_1"}, std::make_shared<const run_spec>(std::move(spec)));
  instants.assign(records.size(), now);
  tell(begin{});
}

void run_driver::tell(const input& in) {
  take(decide(state, in, rules, now));
}

void run_driver::take(decision made) {
  instants.insert(instants.end(), made.records.size(), now);
  records.insert(records.end(), made.records.begin(), made.records.end());
  for (auto& e : made.effects) {
    if (const auto* asked = std::get_if<reserve_step>(&e)) {
      reservations.push_back(*asked);
      if (answers_reservations)
        answer(reserve_step{*asked});
      continue;
    }
    effects.push_back(e);
    if (const auto* call = std::get_if<call_model>(&e)) {
      open_call = *call;
      sent.push_back(*call->what);
    }
    if (const auto* call = std::get_if<call_tool>(&e))
      open_tools.push_back(*call);
    if (std::holds_alternative<cancel_calls>(e)) {
      open_call.reset();
      open_tools.clear();
    }
  }
}

void run_driver::answer(const reserve_step& asked) {
  const auto verdict = consider(limits_, committed_before(asked), asked.request);
  if (const auto* grant = std::get_if<budget_grant>(&verdict))
    tell(step_granted{asked.call, asked.request.kind, grant->amount, grant->reply_tokens_max});
  else
    tell(step_refused{asked.call, std::get<budget_refusal>(verdict)});
}

void run_driver::model_says(std::string text, token_usage usage) {
  auto reply = model_reply{};
  reply.size = size_in_bytes(role::assistant, text);
  reply.text = std::move(text);
  reply.usage = usage;
  reply.latency_ms = 12.5;
  const auto call = std::exchange(open_call, std::nullopt).value();
  const auto* tier = rules.tiers->resolve(call.what->tier);
  const auto& model = tier->members.at(call.what->walk.member);
  tell(model_replied{call.call, std::move(reply), model.label(),
                     cost_cents(model, usage.prompt, usage.completion)});
}

void run_driver::model_calls(std::vector<tool_call> calls, std::string narration,
                             sealed_thinking thinking) {
  auto reply = model_reply{};
  reply.size = size_in_bytes(role::assistant, narration);
  reply.text = std::move(narration);
  reply.calls = std::move(calls);
  reply.thinking = std::move(thinking);
  reply.usage = {10, 5, false};
  const auto call = std::exchange(open_call, std::nullopt).value();
  const auto* tier = rules.tiers->resolve(call.what->tier);
  const auto& model = tier->members.at(call.what->walk.member);
  tell(model_replied{call.call, std::move(reply), model.label(), cost_cents(model, 10, 5)});
}

void run_driver::model_fails(model_error error, std::optional<retry_plan> next, token_usage usage) {
  const auto call = std::exchange(open_call, std::nullopt).value();
  const auto* tier = rules.tiers->resolve(call.what->tier);
  const auto& model = tier->members.at(call.what->walk.member);
  tell(model_failed{call.call, std::move(error), model.label(),
                    cost_cents(model, usage.prompt, usage.completion), usage, std::move(next)});
}

void run_driver::tool_returns(std::uint32_t index, std::string content, bool is_error) {
  auto result = tool_result{};
  result.content = std::move(content);
  result.is_error = is_error;
  tool_returns(index, std::move(result));
}

void run_driver::tool_returns(std::uint32_t index, tool_result result) {
  const auto of = [&](const call_tool& c) { return c.index.value == index; };
  const auto i = std::ranges::find_if(open_tools, of);
  auto answer = tool_replied{current(state), {index}, std::move(result), {}, {}, false};
  answer.size = size_in_bytes(role::tool, answer.result.content);
  if (i != open_tools.end()) {
    answer.call = i->call;
    const auto most = i->context_tokens_max;
    if (most > 0 && answer.size.alone > most) {
      answer.shortened = answer.result.content.substr(0, most - 6);
      answer.is_shortened = true;
      answer.size = size_in_bytes(role::tool, answer.shortened);
    }
    open_tools.erase(i);
  }
  tell(answer);
}

void run_driver::user_says(std::string text, std::string question_id) {
  const auto size = size_in_bytes(role::user, text);
  tell(user_answer{7, std::move(text), size, std::move(question_id)});
}

void run_driver::cancel(std::string reason) {
  tell(persona_runtime::cancel{std::move(reason)});
}

std::vector<std::string> run_driver::kinds() const {
  auto out = std::vector<std::string>{};
  for (const auto& r : records)
    out.emplace_back(kind_of(r));
  return out;
}

std::vector<std::string> run_driver::events() const {
  auto out = std::vector<std::string>{};
  for (const auto& r : records) {
    if (is_public(r))
      out.emplace_back(kind_of(r));
  }
  return out;
}

std::size_t run_driver::count(std::string_view kind) const {
  return static_cast<std::size_t>(
    std::ranges::count_if(records, [&](const record& r) { return kind_of(r) == kind; }));
}

run_view run_driver::view() const {
  auto v = run_view{};
  for (auto i = std::size_t{0}; i < records.size(); ++i)
    v.apply(records[i], instants[i]);
  return v;
}

std::string run_driver::body() const {
  auto text = std::string{};
  auto seq = event_seq{};
  for (auto i = std::size_t{0}; i < records.size(); ++i) {
    encode(text, records[i], {state.run, seq, instants[i]});
    seq.value += is_public(records[i]) ? 1 : 0;
  }
  return text;
}

run_state run_driver::replayed() const {
  auto again = run_state{};
  again.setup = state.setup;
  for (const auto& r : decode_body(body()).value())
    ::persona_runtime::apply(again, r.body);
  return again;
}

std::vector<std::string> run_driver::texts() const {
  auto out = std::vector<std::string>{};
  for (const auto& m : request().context)
    out.push_back(m->content.str());
  return out;
}

namespace {

bool same(const message_list& a, const message_list& b) {
  return std::ranges::equal(a, b,
                            [](const message_ptr& x, const message_ptr& y) { return *x == *y; });
}

bool same(const call_progress& a, const call_progress& b) {
  const auto answers = a.answer && b.answer ? *a.answer == *b.answer : !a.answer && !b.answer;
  return a.call == b.call && a.started == b.started && a.bad_name == b.bad_name && answers;
}

}  // namespace

std::vector<std::string> differences(const run_state& a, const run_state& b) {
  auto out = std::vector<std::string>{};
  const auto check = [&](bool equal, const char* name) {
    if (!equal)
      out.emplace_back(name);
  };
  check(a.run == b.run, "run");
  check(*a.spec == *b.spec, "spec");
  check(a.life == b.life, "life");
  check(a.phase == b.phase, "phase");
  check(a.phase != run_phase::calling || a.calling == b.calling, "calling");
  check(a.status == b.status, "status");
  check(a.step == b.step, "step");
  check(a.attempt == b.attempt, "attempt");
  // Members that are passed over are not written down.
  check(a.walk == b.walk || a.walk.member > b.walk.member, "walk");
  check(a.thought == b.thought, "thought");
  check(a.reply_tokens_max == b.reply_tokens_max, "reply_tokens_max");
  check(a.last_step == b.last_step, "last_step");
  check(a.last_tier == b.last_tier && a.last_model == b.last_model, "last_model");
  check(a.ending == b.ending, "ending");
  check(same(a.context, b.context), "context");
  check(a.context_size == b.context_size, "context_size");
  check(a.call_tokens == b.call_tokens, "call_tokens");
  check(a.fold_not_before == b.fold_not_before, "fold_not_before");
  check(a.skills == b.skills, "skills");
  check(
    std::ranges::equal(a.calls, b.calls, [](const auto& x, const auto& y) { return same(x, y); }),
    "calls");
  check(a.bad_name == b.bad_name, "bad_name");
  check(a.question_id == b.question_id, "question_id");
  check(a.questions_asked == b.questions_asked && a.questions == b.questions, "questions");
  check(a.reasoning_in_row == b.reasoning_in_row, "reasoning_in_row");
  check(a.restarts_in_row == b.restarts_in_row, "restarts_in_row");
  check(a.warned_tokens == b.warned_tokens && a.warned_cents == b.warned_cents
          && a.warned_deadline == b.warned_deadline,
        "warned");
  check(a.spent == b.spent && a.reserved == b.reserved, "spent");
  check(a.pos == b.pos && a.seq == b.seq, "pos");
  return out;
}

std::string times(std::size_t count, std::string_view text) {
  auto out = std::string{};
  for (; count > 0; --count)
    out += text;
  return out;
}

}  // namespace persona_runtime::test
