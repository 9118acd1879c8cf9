#include "domain/event/codec.hpp"
#include "domain/event/json_read.hpp"
#include "domain/text/instant_text.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {

tool_call read_call(const record_reader& in) {
  return {in.text("name"), in.object("args"), in.text("call_id"),
          in.has("truncated") && in.flag("truncated")};
}

std::vector<tool_call> read_calls(const record_reader& in, const char* name) {
  auto calls = std::vector<tool_call>{};
  in.list(name, [&](simdjson::dom::element item) {
    calls.push_back(read_call(record_reader{item, in.ok()}));
  });
  return calls;
}

sealed_thinking read_thinking(const record_reader& in) {
  return {in.optional_text("thinking_by"), in.optional_text("thinking")};
}

artifact read_artifact(const record_reader& in) {
  return {in.text("workspace_path"), in.text("mime_type"), in.number<std::uint64_t>("size_bytes"),
          in.flag("rendered_inline"), in.flag("ai_generated")};
}

tool_result read_result(const record_reader& in) {
  auto r = tool_result{};
  r.tool_name = in.text("tool_name");
  r.content = in.text("content");
  r.call_id = in.text("call_id");
  r.is_error = in.flag("is_error");
  r.data = in.json("data");
  r.truncated = in.flag("truncated");
  in.text_members("metadata", [&](std::string_view key, std::string_view value) {
    r.metadata.emplace(key, value);
  });
  in.list("artifacts", [&](simdjson::dom::element item) {
    r.artifacts.push_back(read_artifact(record_reader{item, in.ok()}));
  });
  return r;
}

namespace {

template <class Enum, std::size_t N>
Enum pick(const record_reader& in, const char* name) {
  const auto text = in.text(name);
  for (auto i = std::size_t{0}; i < N; ++i) {
    if (name_of(static_cast<Enum>(i)) == text)
      return static_cast<Enum>(i);
  }
  in.ok() = false;
  return {};
}

run_status read_status(const record_reader& in) {
  const auto status = status_of(in.text("status"));
  if (!status)
    in.ok() = false;
  return status.value_or(run_status::error);
}

run_limits read_limits(const record_reader& in) {
  auto limits = run_limits{};
  limits.max_steps = in.number<std::uint32_t>("max_steps");
  limits.max_tokens = in.optional_number<std::uint64_t>("max_tokens");
  limits.max_cost_cents = in.optional_number<double>("max_cost_cents");
  limits.deadline_s = in.optional_number<double>("deadline_s");
  return limits;
}

fact::accepted read_accepted(const record_reader& in) {
  auto spec = run_spec{};
  spec.owner = {in.text("owner")};
  spec.persona = {in.text("persona_id")};
  spec.task = in.text("task");
  spec.task_size = in.size("task_size");
  spec.limits = read_limits(in["limits"]);
  if (const auto deadline = in.optional_number<std::int64_t>("deadline"))
    spec.limits.deadline = instant{*deadline};
  spec.ask_user = in.flag("ask_user");
  spec.force_frontier = in.flag("force_frontier");
  spec.metadata = in.json("metadata");
  spec.setup_hash = in.text("setup");
  return {{in.text("run_id")}, std::make_shared<const run_spec>(std::move(spec))};
}

fact::reserved read_reserved(const record_reader& in) {
  return {pick<call_kind, 4>(in, "kind"),
          {in.number<std::uint32_t>("attempt")},
          {in.number<std::uint64_t>("tokens"), in.optional_number<double>("cents")},
          in.number<std::uint32_t>("reply_tokens_max"),
          in.text("model"),
          in.optional_number<double>("prompt_cents"),
          in.has("beside") && in.flag("beside")};
}

bool was_sent(const record_reader& in) {
  return !in.has("sent") || in.flag("sent");
}

fact::settled read_settled(const record_reader& in) {
  return {in.text("model"),
          {in.number<std::uint64_t>("prompt"), in.number<std::uint64_t>("completion"),
           in.flag("estimated"), in.optional_number<std::uint64_t>("cache_read").value_or(0),
           in.optional_number<std::uint64_t>("cache_write").value_or(0)},
          in.optional_number<double>("cents"),
          was_sent(in)};
}

fact::retried read_retried(const record_reader& in) {
  return {in.text("model"),
          {in.number<std::uint32_t>("member"), in.flag("again"), in.number<std::uint32_t>("waits"),
           in.number<std::int64_t>("waited_ms")},
          was_sent(in)};
}

fact::replied read_replied(const record_reader& in) {
  return {in.text("text"),
          in.size("size"),
          read_calls(in, "calls"),
          in.number<std::uint64_t>("call_tokens"),
          in.text("tier"),
          in.text("model"),
          in.number<std::uint64_t>("tokens"),
          in.real("latency_ms"),
          read_thinking(in)};
}

fact::result_kept read_kept(const record_reader& in) {
  return {{in.number<std::uint32_t>("call")}, read_result(in["rest"]), in.size("size"),
          in.optional_text("shortened"),      in.has("shortened"),     in.has("bad_name")};
}

fact::skill_asked read_skill_asked(const record_reader& in) {
  auto out = fact::skill_asked{};
  out.call = {in.number<std::uint32_t>("call")};
  out.name = in.text("name");
  const auto outcome = in.text("outcome");
  for (const auto known : {skill_outcome::active, skill_outcome::not_approved, skill_outcome::cycle,
                           skill_outcome::too_deep, skill_outcome::over_budget}) {
    if (name_of(known) == outcome)
      out.outcome = known;
  }
  out.tokens = in.number<std::uint32_t>("tokens");
  out.text = in.text("text");
  out.size = in.size("size");
  return out;
}

fact::concluded read_concluded(const record_reader& in) {
  auto out = fact::concluded{};
  std::string_view output;
  if (!in["output"].element().get(output))
    out.output = std::string{output};
  out.error = in.optional_text("error");
  out.error_kind = in.optional_text("error_kind");
  return out;
}

using reader_of_private = record (*)(const record_reader&);
struct private_decoder {
  std::string_view name;
  reader_of_private read;
};

constexpr auto private_kinds = std::to_array<private_decoder>({
  {"accepted", [](const record_reader& in) -> record { return read_accepted(in); }},
  {"reserved", [](const record_reader& in) -> record { return read_reserved(in); }},
  {"settled", [](const record_reader& in) -> record { return read_settled(in); }},
  {"retried", [](const record_reader& in) -> record { return read_retried(in); }},
  {"replied", [](const record_reader& in) -> record { return read_replied(in); }},
  {"tool_started",
   [](const record_reader& in) -> record {
     return fact::tool_started{{in.number<std::uint32_t>("call")}};
   }},
  {"result_kept", [](const record_reader& in) -> record { return read_kept(in); }},
  {"skill_asked", [](const record_reader& in) -> record { return read_skill_asked(in); }},
  {"reminded",
   [](const record_reader& in) -> record {
     return fact::reminded{in.text("text"), in.size("size"),
                           in.optional_number<std::uint32_t>("questions_max")};
   }},
  {"answered",
   [](const record_reader& in) -> record {
     return fact::answered{in.text("text"), in.size("size"), in.flag("by_user")};
   }},
  {"folded",
   [](const record_reader& in) -> record {
     return fact::folded{in.number<std::uint32_t>("first"), in.number<std::uint32_t>("count"),
                         in.text("text"), in.size("size"), in.flag("dropped")};
   }},
  {"fold_failed", [](const record_reader&) -> record { return fact::fold_failed{}; }},
  {"shortened",
   [](const record_reader& in) -> record {
     return fact::shortened{in.number<std::uint32_t>("at"), in.text("text"), in.size("size")};
   }},
  {"winding_up",
   [](const record_reader& in) -> record { return fact::winding_up{read_status(in)}; }},
  {"concluded", [](const record_reader& in) -> record { return read_concluded(in); }},
});

fact::tool_result read_tool_result(const record_reader& in, step_index step) {
  auto r = fact::tool_result{step,
                             in.text("call_id"),
                             in.text("tool_name"),
                             in.flag("is_error"),
                             in.text("content"),
                             in.json("produced_files"),
                             {}};
  if (in.has("artifacts")) {
    in.list("artifacts", [&](simdjson::dom::element item) {
      r.artifacts.push_back(read_artifact(record_reader{item, in.ok()}));
    });
  }
  return r;
}

fact::memory_recall read_recall(const record_reader& in) {
  return {pick<memory_store_kind, 4>(in, "store"), in.number<std::uint32_t>("count"),
          in.optional_text("reason")};
}

fact::memory_changed read_changed(const record_reader& in, step_index step) {
  return {step, in.text("action"), pick<memory_store_kind, 4>(in, "store"), in.text("logical_id"),
          in.text("text")};
}

fact::activity_began read_began(const record_reader& in, step_index step) {
  auto out = fact::activity_began{};
  out.step = step;
  out.what.activity_id = in.text("activity_id");
  out.what.kind = in.text("kind");
  out.what.name = in.text("name");
  out.what.label = in.text("label");
  simdjson::dom::object args;
  if (in["args_summary"].element().get(args))
    in.ok() = false;
  for (auto field : args) {
    std::string_view value;
    if (field.value.get(value))
      in.ok() = false;
    out.what.args_summary.emplace(field.key, value);
  }
  return out;
}

fact::activity_ended read_ended(const record_reader& in, step_index step) {
  auto out = fact::activity_ended{};
  out.step = step;
  out.what.activity_id = in.text("activity_id");
  out.what.status = pick<activity_status, 4>(in, "status");
  out.what.duration_ms = in.real("duration_ms");
  out.what.is_error = in.flag("is_error");
  out.what.result_summary = in.optional_text("result_summary");
  return out;
}

fact::asking_user read_asking(const record_reader& in, step_index step) {
  auto r = fact::asking_user{step, in.text("question"), {}, in.text("question_id")};
  in.list("options", [&](simdjson::dom::element item) {
    r.options.push_back(record_reader{item, in.ok()}.text("label"));
  });
  return r;
}

fact::compacted read_compacted(const record_reader& in, step_index step) {
  return {step,
          in.number<std::uint64_t>("messages_before"),
          in.number<std::uint64_t>("messages_after"),
          in.number<std::uint64_t>("tokens_before"),
          in.number<std::uint64_t>("tokens_after"),
          in.flag("summary")};
}

fact::fell_over read_fell_over(const record_reader& in, step_index step) {
  return {step,
          in.text("tier"),
          in.text("from"),
          in.text("to"),
          in.text("error"),
          in.has("status") ? in.number<int>("status") : 0,
          in.has("mid_stream") && in.flag("mid_stream")};
}

using reader_of_event = record (*)(const record_reader&, step_index);
struct event_decoder {
  std::string_view name;
  reader_of_event read;
};

constexpr auto event_kinds = std::to_array<event_decoder>({
  {"started",
   [](const record_reader& in, step_index) -> record { return fact::started{in.text("task")}; }},
  {"resumed",
   [](const record_reader& in, step_index) -> record {
     return fact::resumed{{in.number<std::uint32_t>("incarnation")},
                          {in.number<std::uint32_t>("from_step")},
                          pick<resume_reason, 3>(in, "reason")};
   }},
  {"memory_recall", [](const record_reader& in, step_index) -> record { return read_recall(in); }},
  {"thinking",
   [](const record_reader&, step_index step) -> record { return fact::thinking{step}; }},
  {"tool_calling",
   [](const record_reader& in, step_index step) -> record {
     return fact::tool_calling{step, read_calls(in, "tool_calls")};
   }},
  {"tool_result",
   [](const record_reader& in, step_index step) -> record { return read_tool_result(in, step); }},
  {"activity_start",
   [](const record_reader& in, step_index step) -> record { return read_began(in, step); }},
  {"activity_end",
   [](const record_reader& in, step_index step) -> record { return read_ended(in, step); }},
  {"memory_changed",
   [](const record_reader& in, step_index step) -> record { return read_changed(in, step); }},
  {"asking_user",
   [](const record_reader& in, step_index step) -> record { return read_asking(in, step); }},
  {"user_responded",
   [](const record_reader& in, step_index step) -> record {
     return fact::user_responded{step, in.text("question_id")};
   }},
  {"question_suppressed",
   [](const record_reader& in, step_index step) -> record {
     return fact::question_suppressed{step, in.text("question"),
                                      pick<suppress_reason, 2>(in, "reason")};
   }},
  {"reasoning",
   [](const record_reader& in, step_index step) -> record {
     return fact::reasoning{step, in.text("content")};
   }},
  {"compacted",
   [](const record_reader& in, step_index step) -> record { return read_compacted(in, step); }},
  {"fell_over",
   [](const record_reader& in, step_index step) -> record { return read_fell_over(in, step); }},
  {"budget",
   [](const record_reader& in, step_index step) -> record {
     return fact::budget{step, pick<budget_kind, 3>(in, "budget"), in.real("limit"),
                         in.real("used"), in.real("reserved")};
   }},
  {"completed",
   [](const record_reader& in, step_index step) -> record {
     return fact::completed{step, in.text("output")};
   }},
  {"cancelled",
   [](const record_reader& in, step_index step) -> record {
     return fact::cancelled{step, in.optional_text("reason")};
   }},
  {"max_steps",
   [](const record_reader& in,
      step_index step) -> record { return fact::max_steps{step, in.text("summary")}; }},
  {"error",
   [](const record_reader& in, step_index step)
     -> record { return fact::error{step, in.text("kind"), in.text("message")}; }},
  {"finished",
   [](const record_reader& in,
      step_index step) -> record { return fact::finished{step, read_status(in)}; }},
});

static_assert(private_kinds.size() + event_kinds.size() == std::variant_size_v<record>);

constexpr auto record_depth_max = simdjson::DEFAULT_MAX_DEPTH + 16;

failure broken(std::string_view what, std::string_view line) {
  return {errc::internal_error, "the journal holds a line that is no record (" + std::string{what}
                                  + "): " + std::string{line.substr(0, 80)}};
}

result<decoded_record> read_event(const record_reader& in, std::string_view line) {
  const auto name = in.text("type");
  const auto kind = std::ranges::find(event_kinds, name, &event_decoder::name);
  if (kind == event_kinds.end())
    return broken("unknown type", line);
  const auto step = step_index{static_cast<std::uint32_t>(in.number<std::int64_t>("step"))};
  const auto at = instant_of(in.text("timestamp"));
  auto r = kind->read(in["data"], step);
  if (!in.ok() || !at)
    return broken("a field is missing", line);
  return decoded_record{std::move(r), *at};
}

result<decoded_record> read_private(const record_reader& in, std::string_view line) {
  const auto name = in.text("record");
  const auto kind = std::ranges::find(private_kinds, name, &private_decoder::name);
  if (kind == private_kinds.end())
    return broken("unknown record", line);
  auto r = kind->read(in);
  if (!in.ok())
    return broken("a field is missing", line);
  return decoded_record{std::move(r), {}};
}

}  // namespace

result<decoded_record> decode(std::string_view line) {
  thread_local auto parser = simdjson::dom::parser{};
  simdjson::dom::element found;
  // Arguments may be as deep as a parser takes by default, and stand inside a record here.
  if (parser.max_depth() < record_depth_max && parser.allocate(line.size(), record_depth_max))
    return broken("no memory", line);
  if (parser.parse(line.data(), line.size()).get(found))
    return broken("not JSON", line);
  auto ok = true;
  const auto in = record_reader{found, ok};
  return in.has("record") ? read_private(in, line) : read_event(in, line);
}

result<std::vector<decoded_record>> decode_body(std::string_view body) {
  auto records = std::vector<decoded_record>{};
  for (auto begin = std::size_t{0}; begin < body.size();) {
    const auto end = std::min(body.find('\n', begin), body.size());
    auto r = decode(body.substr(begin, end - begin));
    if (!r)
      return r.error();
    records.push_back(std::move(*r));
    begin = end + 1;
  }
  return records;
}

}  // namespace persona_runtime
