#include "domain/event/codec.hpp"
#include "domain/event/json_parts.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"
#include "domain/tool/kinds.hpp"

namespace persona_runtime {
namespace {

void cents_or_null(json_writer& o, const std::optional<double>& cents) {
  if (cents)
    o.number("cents", *cents);
  else
    o.raw("cents", "null");
}

void text_unless_empty(json_writer& o, std::string_view name, std::string_view value) {
  if (!value.empty())
    o.text(name, value);
}

std::string joined_names(const std::vector<tool_call>& calls) {
  auto out = std::string{};
  for (const auto& call : calls)
    out.append(out.empty() ? "" : ", ").append(call.name);
  return out;
}

/// The fields of private records, behind {"record": kind.
struct private_fields {
  json_writer& o;

  void operator()(const fact::accepted& r) const {
    o.text("run_id", r.run.value).text("owner", r.spec->owner.value);
    o.text("persona_id", r.spec->persona.value).text("task", r.spec->task);
    append_size(o.key("task_size"), r.spec->task_size);
    append_limits(o.key("limits"), r.spec->limits);
    if (r.spec->limits.deadline)
      o.number("deadline", r.spec->limits.deadline->value);
    o.flag("ask_user", r.spec->ask_user).flag("force_frontier", r.spec->force_frontier);
    if (!r.spec->metadata.empty())
      o.json("metadata", r.spec->metadata);
    o.text("setup", r.spec->setup_hash);
  }
  void operator()(const fact::reserved& r) const {
    o.text("kind", name_of(r.kind)).number("attempt", r.attempt.value);
    o.number("tokens", r.amount.tokens);
    cents_or_null(o, r.amount.cents);
    o.number("reply_tokens_max", r.reply_tokens_max).text("model", r.model);
    if (r.prompt_cents)
      o.number("prompt_cents", *r.prompt_cents);
    if (r.beside)
      o.flag("beside", true);
  }
  void operator()(const fact::settled& r) const {
    o.text("model", r.model).number("prompt", r.usage.prompt);
    o.number("completion", r.usage.completion).flag("estimated", r.usage.estimated);
    add_cached(o, r.usage);
    cents_or_null(o, r.cents);
    if (!r.sent)
      o.flag("sent", false);
  }
  void operator()(const fact::retried& r) const {
    o.text("model", r.model).number("member", r.walk.member).flag("again", r.walk.retried);
    o.number("waits", r.walk.waits).number("waited_ms", r.walk.waited_ms);
    if (!r.sent)
      o.flag("sent", false);
  }
  void operator()(const fact::replied& r) const {
    o.text("text", r.text);
    append_size(o.key("size"), r.size);
    append_json_list(o.key("calls"), r.calls, append_call);
    o.number("call_tokens", r.call_tokens).text("tier", r.tier).text("model", r.model);
    o.number("tokens", r.tokens).number("latency_ms", r.latency_ms);
    add_thinking(o, r.thinking);
  }
  void operator()(const fact::tool_started& r) const { o.number("call", r.call.value); }
  void operator()(const fact::result_kept& r) const {
    o.number("call", r.call.value);
    append_result(o.key("rest"), r.rest);
    append_size(o.key("size"), r.size);
    if (r.is_shortened)
      o.text("shortened", r.shortened);
    if (r.bad_name)
      o.flag("bad_name", true);
  }
  void operator()(const fact::skill_asked& r) const {
    o.number("call", r.call.value).text("name", r.name).text("outcome", name_of(r.outcome));
    o.number("tokens", r.tokens).text("text", r.text);
    append_size(o.key("size"), r.size);
  }
  void operator()(const fact::reminded& r) const {
    o.text("text", r.text);
    append_size(o.key("size"), r.size);
    if (r.questions_max)
      o.number("questions_max", *r.questions_max);
  }
  void operator()(const fact::answered& r) const {
    o.text("text", r.text);
    append_size(o.key("size"), r.size);
    o.flag("by_user", r.by_user);
  }
  void operator()(const fact::folded& r) const {
    o.number("first", r.first).number("count", r.count).text("text", r.text);
    append_size(o.key("size"), r.size);
    o.flag("dropped", r.dropped);
  }
  void operator()(const fact::fold_failed&) const {}
  void operator()(const fact::shortened& r) const {
    o.number("at", r.at).text("text", r.text);
    append_size(o.key("size"), r.size);
  }
  void operator()(const fact::winding_up& r) const { o.text("status", name_of(r.status)); }
  void operator()(const fact::concluded& r) const {
    o.text_or_null("output", r.output.value_or(""), r.output.has_value());
    text_unless_empty(o, "error", r.error);
    text_unless_empty(o, "error_kind", r.error_kind);
  }
  template <class Public>
  void operator()(const Public&) const {}
};

/// The fields of `data` of public records (spec runtime §15.2, contract §6).
struct event_data {
  json_writer& o;
  const record_place& place;

  void operator()(const fact::started& r) const { o.text("task", r.task); }
  void operator()(const fact::resumed& r) const {
    o.number("from_step", r.from_step.value).text("reason", name_of(r.reason));
    o.number("incarnation", r.life.value);
  }
  void operator()(const fact::memory_recall& r) const {
    o.text("store", name_of(r.store)).number("count", r.count);
    if (!r.degraded.empty())
      o.flag("degraded", true).text("reason", r.degraded);
  }
  void operator()(const fact::activity_began& r) const { write_fields(o, r.what); }
  void operator()(const fact::activity_ended& r) const { write_fields(o, r.what); }
  void operator()(const fact::memory_changed& r) const {
    o.text("action", r.action).text("store", name_of(r.store));
    o.text("logical_id", r.logical_id).text("text", r.text);
  }
  void operator()(const fact::thinking&) const {}
  void operator()(const fact::tool_calling& r) const {
    o.text("tool_names", joined_names(r.calls));
    append_json_list(o.key("tool_calls"), r.calls, [](std::string& out, const tool_call& call) {
      auto c = json_writer{out};
      c.text("name", call.name).text("call_id", call.call_id).json("args", call.arguments);
      c.text("kind", tool_kind(call.name)).close();
    });
  }
  void operator()(const fact::tool_result& r) const {
    o.text("tool_name", r.tool_name).text("call_id", r.call_id).flag("is_error", r.is_error);
    o.text("content", r.content).text("kind", tool_kind(r.tool_name));
    if (!r.produced_files.empty())
      o.json("produced_files", r.produced_files);
    if (!r.artifacts.empty())
      append_json_list(o.key("artifacts"), r.artifacts, append_artifact);
  }
  void operator()(const fact::asking_user& r) const {
    o.text("question", r.question);
    append_json_list(o.key("options"), r.options, [](std::string& out, const std::string& label) {
      auto option = json_writer{out};
      option.text("label", label).text("description", "").close();
    });
    o.flag("allow_free_form", true).text("question_id", r.question_id);
  }
  void operator()(const fact::user_responded& r) const { o.text("question_id", r.question_id); }
  void operator()(const fact::question_suppressed& r) const {
    o.text("question", r.question).text("reason", name_of(r.reason));
  }
  void operator()(const fact::reasoning& r) const { o.text("content", r.content); }
  void operator()(const fact::compacted& r) const {
    o.number("messages_before", r.messages_before).number("messages_after", r.messages_after);
    o.number("tokens_before", r.tokens_before).number("tokens_after", r.tokens_after);
    o.flag("summary", r.summary);
  }
  void operator()(const fact::fell_over& r) const {
    o.text("tier", r.tier).text("from", r.from).text("to", r.to).text("error", r.error);
    if (r.status != 0)
      o.number("status", r.status);
    if (r.mid_stream)
      o.flag("mid_stream", true);
  }
  void operator()(const fact::budget& r) const {
    o.text("budget", name_of(r.kind)).number("limit", r.limit).number("used", r.used);
    o.number("reserved", r.reserved);
  }
  void operator()(const fact::completed& r) const { o.text("output", r.output); }
  void operator()(const fact::cancelled& r) const { text_unless_empty(o, "reason", r.reason); }
  void operator()(const fact::max_steps& r) const { o.text("summary", r.summary); }
  void operator()(const fact::error& r) const { o.text("kind", r.kind).text("message", r.message); }
  void operator()(const fact::finished& r) const {
    o.text("run_id", place.run.value).text("status", name_of(r.status));
  }
  template <class Private>
  void operator()(const Private&) const {}
};

struct step_of {
  std::int64_t operator()(const fact::started&) const { return -1; }
  std::int64_t operator()(const fact::resumed&) const { return -1; }
  std::int64_t operator()(const fact::finished& r) const { return r.steps.value; }
  template <class Fact>
  std::int64_t operator()(const Fact& r) const {
    if constexpr (requires { r.step; })
      return r.step.value;
    else
      return -1;
  }
};

void encode_event(std::string& body, const record& r, const record_place& place) {
  auto o = json_writer{body};
  o.number("seq", place.seq.value).text("run_id", place.run.value).text("type", kind_of(r));
  o.number("step", std::visit(step_of{}, r));
  auto data = json_writer{o.key("data")};
  std::visit(event_data{data, place}, r);
  data.close();
  o.text("timestamp", to_text(place.at)).close();
}

}  // namespace

void encode(std::string& body, const record& r, const record_place& place) {
  if (is_public(r)) {
    encode_event(body, r, place);
  } else {
    auto o = json_writer{body};
    o.text("record", kind_of(r));
    std::visit(private_fields{o}, r);
    o.close();
  }
  body += '\n';
}

}  // namespace persona_runtime
