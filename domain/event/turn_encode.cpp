#include "domain/event/json_parts.hpp"
#include "domain/event/turn_codec.hpp"
#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"
#include "domain/tool/kinds.hpp"

namespace persona_runtime {
namespace {

std::string names_of(const std::vector<tool_call>& calls) {
  auto out = std::string{};
  for (const auto& call : calls)
    out.append(out.empty() ? "" : ", ").append(call.name);
  return out;
}

/// The fields of private records that only turns have, behind {"record": kind.
struct private_turn_fields {
  json_writer& o;

  void operator()(const turn_fact::opened& r) const {
    o.text("conversation", r.spec->conversation.value).text("question", r.spec->question.value);
    o.text("answer", r.spec->answer.value).text("owner", r.spec->owner.value);
    o.text("persona", r.spec->persona.value).text("user", r.spec->user);
    o.number("messages_before", r.spec->messages_before).number("began", r.spec->began.value);
  }
  void operator()(const turn_fact::taken_up& r) const {
    o.number("life", r.life.value).text("reason", name_of(r.reason));
  }
  void operator()(const turn_fact::routed& r) const {
    o.text("tier", r.decision.tier);
    append_decision(o.key("decision"), r.decision);
  }
  void operator()(const turn_fact::thinking& r) const { o.number("round", r.round.value); }
  void operator()(const turn_fact::replied& r) const {
    o.text("text", r.text);
    append_size(o.key("size"), r.size);
    append_json_list(o.key("calls"), r.calls, append_call);
    o.number("call_tokens", r.call_tokens);
    add_thinking(o, r.thinking);
  }
  void operator()(const turn_fact::noted& r) const {
    o.text("text", r.text);
    append_size(o.key("size"), r.size);
  }
  void operator()(const turn_fact::rounds_used_up&) const {}
  void operator()(const turn_fact::refused& r) const {
    o.text("text", r.text);
    append_size(o.key("size"), r.size);
  }
};

/// Scores never reach the wire (persona-tools §21.2).
void append_choice(std::string& out, const turn_fact::model_choice& c) {
  auto o = json_writer{out};
  o.text("chosen_model", c.model);
  o.text_or_null("dominant_factor", c.dominant.value_or(""), c.dominant.has_value());
  o.flag("model_fallback_engaged", c.fell_back);
  o.text_or_null("model_fallback_reason", c.reason.value_or(""), c.reason.has_value());
  o.close();
}

void append_spending(std::string& out, const turn_fact::spending& s) {
  auto o = json_writer{out};
  if (s.session_cents)
    o.number("session_spent_cents", *s.session_cents);
  else
    o.raw("session_spent_cents", "null");
  if (s.turn_max)
    o.number("max_cents_per_turn", *s.turn_max);
  if (s.session_max)
    o.number("max_cents_per_session", *s.session_max);
  if (s.day_max)
    o.number("max_cents_per_day", *s.day_max);
  o.close();
}

/// The `data` of public records (persona-tools §21.2, contract §6 "Chat").
struct turn_event_data {
  std::string& out;

  void operator()(const turn_fact::memory_recall& r) const {
    auto o = json_writer{out};
    o.text("store", name_of(r.store)).number("count", r.count);
    if (!r.degraded.empty())
      o.flag("degraded", true).text("reason", r.degraded);
    o.close();
  }
  void operator()(const turn_fact::task_detected& r) const { append_detection(out, r.what); }
  void operator()(const turn_fact::chunk& r) const {
    auto o = json_writer{out};
    o.text("delta", r.text).flag("is_final", false).close();
  }
  void operator()(const fact::tool_calling& r) const {
    auto o = json_writer{out};
    o.text("tool_names", names_of(r.calls));
    append_json_list(o.key("tool_calls"), r.calls, [](std::string& to, const tool_call& call) {
      auto c = json_writer{to};
      c.text("name", call.name).text("call_id", call.call_id).json("args", call.arguments);
      c.text("kind", tool_kind(call.name)).close();
    });
    o.close();
  }
  void operator()(const turn_fact::activity_began& r) const { append_activity(out, r.what); }
  void operator()(const turn_fact::activity_ended& r) const { append_activity(out, r.what); }
  void operator()(const fact::tool_result& r) const {
    auto o = json_writer{out};
    o.text("tool_name", r.tool_name).text("call_id", r.call_id).flag("is_error", r.is_error);
    o.text("content", r.content).text("kind", tool_kind(r.tool_name));
    if (!r.produced_files.empty())
      o.json("produced_files", r.produced_files);
    if (!r.artifacts.empty())
      append_json_list(o.key("artifacts"), r.artifacts, append_artifact);
    o.close();
  }
  void operator()(const fact::memory_changed& r) const {
    auto o = json_writer{out};
    o.text("action", r.action).text("store", name_of(r.store));
    o.text("logical_id", r.logical_id).text("text", r.text).close();
  }
  void operator()(const turn_fact::asking& r) const { append_question(out, r.form); }
  void operator()(const fact::fell_over& r) const {
    auto o = json_writer{out};
    o.text("tier", r.tier).text("from", r.from).text("to", r.to).text("error", r.error);
    if (r.status != 0)
      o.number("status", r.status);
    if (r.mid_stream)
      o.flag("mid_stream", true);
    o.close();
  }
  void operator()(const fact::cancelled& r) const {
    auto o = json_writer{out};
    if (!r.reason.empty())
      o.text("reason", r.reason);
    o.close();
  }
  void operator()(const turn_fact::failed& r) const {
    auto o = json_writer{out};
    o.text("error", "turn_failed").text("message", r.message).text("kind", r.kind).close();
  }
  void operator()(const turn_fact::done& r) const {
    auto o = json_writer{out};
    auto usage = json_writer{o.key("usage")};
    if (r.usage.prompt + r.usage.completion > 0)
      usage.number("prompt_tokens", r.usage.prompt).number("completion_tokens", r.usage.completion);
    usage.close();
    o.text("tier", r.tier).raw("format_hints", "{}");
    o.text("user_message_id", r.user_message.value).text("message_id", r.message.value);
    if (r.finish == finish_reason::length)
      o.text("finish_reason", "length");  // it is cut off; all else is a whole answer
    if (r.routing)
      append_choice(o.key("routing"), *r.routing);
    if (r.budget)
      append_spending(o.key("budget"), *r.budget);
    o.close();
  }
  void operator()(const turn_fact::finished& r) const {
    auto o = json_writer{out};
    o.text("status", name_of(r.status)).close();
  }
  template <class Other>
  void operator()(const Other&) const {
    out += "{}";
  }
};

void encode_public(std::string& body, const turn_record& r, const record_place& place) {
  auto o = json_writer{body};
  o.number("seq", place.seq.value).text("run_id", place.run.value).text("type", kind_of(r));
  o.number("step", -1);
  std::visit(turn_event_data{o.key("data")}, r);
  o.text("timestamp", to_text(place.at)).close();
  body += '\n';
}

struct private_turn_encoder {
  std::string& body;
  const record_place& place;
  std::string_view kind;

  template <class Fact>
  void operator()(const Fact& r) const {
    if constexpr (std::is_constructible_v<record, const Fact&>) {
      encode(body, record{r}, place);
    } else if constexpr (std::is_invocable_v<private_turn_fields, const Fact&>) {
      auto o = json_writer{body};
      o.text("record", kind);
      private_turn_fields{o}(r);
      o.close();
      body += '\n';
    }
  }
};

}  // namespace

void encode(std::string& body, const turn_record& r, const record_place& place) {
  if (is_public(r))
    encode_public(body, r, place);
  else
    std::visit(private_turn_encoder{body, place, kind_of(r)}, r);
}

}  // namespace persona_runtime
