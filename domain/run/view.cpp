#include "domain/run/view.hpp"

#include "domain/event/json_parts.hpp"
#include "domain/run/state.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

#include <utility>

namespace persona_runtime {

struct view_applier {
  run_view& v;
  instant at;

  step_view begin_step(std::string_view type) const {
    auto step = step_view{};
    step.type = type;
    step.tier = v.reply_.tier;
    step.tokens = v.reply_.tokens;
    step.latency_ms = v.reply_.latency_ms;
    return step;
  }
  void keep(step_view step, const std::string& content) const {
    step.content = content;
    if (v.keeps_steps)
      v.steps.push_back(std::move(step));
  }
  void count_attempt(const std::string& model, const token_usage& usage,
                     std::optional<double> cents) const {
    for (auto* u : {&v.usage, &v.by_model[model]}) {
      ++u->model_calls;
      u->prompt_tokens += usage.prompt;
      u->completion_tokens += usage.completion;
      u->cost_cents = add_cents(u->cost_cents, cents);
      u->estimated = u->estimated || usage.estimated;
    }
  }
  /// An attempt that was sent and will never be settled: the model has read the prompt, and nobody
  /// says what it had answered by then.
  void close_attempt() const {
    for (auto* each : {&v.open_, &v.beside_}) {
      if (const auto open = std::exchange(*each, std::nullopt))
        count_attempt(open->model, {open->amount.tokens - open->reply_tokens_max, 0, true},
                      open->prompt_cents);
    }
  }

  void operator()(const fact::accepted& r) const {
    v.run = r.run;
    v.spec = r.spec;
  }
  void operator()(const fact::reserved& r) const { (r.beside ? v.beside_ : v.open_) = r; }
  void operator()(const fact::settled& r) const {
    v.open_.reset();
    v.beside_.reset();
    if (r.sent)
      count_attempt(r.model, r.usage, r.cents);
  }
  void operator()(const fact::retried& r) const {
    if (r.sent && v.open_)  // else it was settled just before
      count_attempt(r.model, {}, 0.0);
  }
  void operator()(const fact::replied& r) const {
    if (!v.keeps_steps)
      return;
    v.reply_ = r;
    v.results_.assign(r.calls.size(), {});
  }
  void operator()(const fact::result_kept& r) const {
    if (v.keeps_steps)
      v.kept_ = r;
  }
  void operator()(const fact::answered& r) const {
    v.status = run_status::running;
    if (!v.keeps_steps)
      return;
    auto step = begin_step("ask_user");
    step.question = v.question_;
    if (r.by_user)
      step.user_answer = r.text;
    v.steps.push_back(std::move(step));
  }
  void operator()(const fact::concluded& r) const {
    v.output = r.output;
    v.error = r.error;
    v.error_kind = r.error_kind;
  }
  void operator()(const fact::started&) const { v.started_at = at; }
  void operator()(const fact::resumed&) const { close_attempt(); }
  void operator()(const fact::tool_result& r) const {
    if (!v.keeps_steps)
      return;
    auto& result = v.results_.at(v.kept_.call.value);
    result = std::move(v.kept_.rest);
    result.content = r.content;
    result.is_error = r.is_error;
    if (result.tool_name.empty())
      result.tool_name = r.tool_name;
    ++v.results_done_;
    if (v.results_done_ < v.results_.size())
      return;
    auto step = begin_step("tool_call");
    step.calls = std::move(v.reply_.calls);
    step.results = std::move(v.results_);
    v.steps.push_back(std::move(step));
  }
  void operator()(const fact::tool_calling&) const { v.results_done_ = 0; }
  void operator()(const fact::asking_user& r) const {
    v.question_ = r.question;
    v.status = run_status::awaiting_user;
  }
  void operator()(const fact::question_suppressed& r) const { v.question_ = r.question; }
  void operator()(const fact::reasoning& r) const { keep(begin_step("reasoning"), r.content); }
  void operator()(const fact::completed& r) const { keep(begin_step("final"), r.output); }
  void operator()(const fact::finished& r) const {
    close_attempt();
    v.status = r.status;
    v.finished_at = at;
  }
  // Private bookkeeping, and events that change nothing of what is shown here.
  template <class Other>
  void operator()(const Other&) const {}
};

void run_view::apply(const record& r, instant at) {
  std::visit(view_applier{*this, at}, r);
}

namespace {

void append_usage_fields(json_writer& o, const usage_view& u) {
  o.number("model_calls", u.model_calls).number("prompt_tokens", u.prompt_tokens);
  o.number("completion_tokens", u.completion_tokens);
  if (u.cost_cents)
    o.number("cost_cents", *u.cost_cents);
  else
    o.raw("cost_cents", "null");
  if (u.estimated)
    o.flag("estimated", true);
}

void append_usage(std::string& out, const run_view& v) {
  auto o = json_writer{out};
  append_usage_fields(o, v.usage);
  auto models = json_writer{o.key("by_model")};
  for (const auto& [model, usage] : v.by_model) {
    auto key = std::string{};
    append_json_string(key, model);
    auto row = json_writer{models.key(std::string_view{key}.substr(1, key.size() - 2))};
    append_usage_fields(row, usage);
    row.close();
  }
  models.close();
  o.close();
}

void append_step(std::string& out, const step_view& s) {
  auto o = json_writer{out};
  o.text("type", s.type);
  append_json_list(o.key("tool_calls"), s.calls, append_call);
  append_json_list(o.key("results"), s.results, append_result);
  o.text_or_null("question", s.question.value_or(""), s.question.has_value());
  o.text_or_null("user_answer", s.user_answer.value_or(""), s.user_answer.has_value());
  o.text_or_null("content", s.content.value_or(""), s.content.has_value());
  o.text("tier_used", s.tier).number("tokens", s.tokens).number("latency_ms", s.latency_ms);
  o.close();
}

}  // namespace

std::string to_json(const run_view& v, bool with_steps) {
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("id", v.run.value).text("persona_id", v.spec->persona.value).text("task", v.spec->task);
  o.text("status", name_of(v.status));
  if (with_steps)
    append_json_list(o.key("steps"), v.steps, append_step);
  o.text_or_null("output", v.output.value_or(""), v.output.has_value());
  o.text_or_null("error", v.error, !v.error.empty());
  o.text_or_null("error_kind", v.error_kind, !v.error_kind.empty());
  append_usage(o.key("usage"), v);
  append_limits(o.key("limits"), v.spec->limits);
  if (!v.spec->metadata.empty())
    o.json("metadata", v.spec->metadata);
  o.text("started_at", to_text(v.started_at));
  o.text_or_null("finished_at", v.finished_at ? to_text(*v.finished_at) : std::string{},
                 v.finished_at.has_value());
  o.close();
  return out;
}

}  // namespace persona_runtime
