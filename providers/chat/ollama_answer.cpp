#include "providers/chat/ollama_answer.hpp"

#include "providers/chat/error_object.hpp"

namespace persona_runtime {

namespace {

namespace ondemand = simdjson::ondemand;
using json_walk::for_elements_of;
using json_walk::for_fields;
using json_walk::for_fields_of;
using json_walk::text_of;

/// The end of an answer, as its last line has it.
struct ending {
  bool done = false;
  std::string_view reason;
  token_usage usage;
};

bool read_function(ondemand::value v, call_fragment& call) {
  return for_fields_of(v, [&](std::string_view name, ondemand::value part) {
    if (name == "name")
      return text_of(part, call.name);
    if (name != "arguments")
      return true;
    auto type = ondemand::json_type{};
    if (part.type().get(type))
      return false;
    return type == ondemand::json_type::string
             ? !part.get_string().get(call.arguments)
             : !simdjson::to_json_string(part).get(call.arguments);
  });
}

/// Reads message.tool_calls; what has no name is no call.
bool read_calls(ondemand::value v, answer_builder& to, std::uint64_t& count) {
  return for_elements_of(v, [&](ondemand::value each) {
    auto call = call_fragment{};
    const auto going_on = for_fields_of(each, [&](std::string_view name, ondemand::value part) {
      return name != "function" || read_function(part, call);
    });
    if (!going_on || call.name.empty())
      return going_on;
    call.index = count++;
    return to.add_call(call);
  });
}

bool read_message(ondemand::value v, answer_builder& to, std::uint64_t& calls) {
  return for_fields_of(v, [&](std::string_view name, ondemand::value part) {
    auto text = std::string_view{};
    if (name == "content")
      return text_of(part, text) && to.add_text(text);
    if (name == "thinking")
      return text_of(part, text) && to.add_reasoning(text);
    return name != "tool_calls" || read_calls(part, to, calls);
  });
}

/// False for what is no flag.
bool is_true(ondemand::value v) {
  auto flag = false;
  return !v.get_bool().get(flag) && flag;
}

bool read_ending(std::string_view name, ondemand::value v, ending& end) {
  if (name == "done")
    end.done = is_true(v);
  if (name == "done_reason")
    return text_of(v, end.reason);
  if (name == "prompt_eval_count")
    end.usage.prompt = json_walk::count_of(v);
  if (name == "eval_count")
    end.usage.completion = json_walk::count_of(v);
  return true;
}

}  // namespace

bool ollama_answer::add_event(std::string_view json) {
  thread_local json_reader reader;
  auto document = ondemand::document{};
  auto root = ondemand::object{};
  if (!json_walk::open_object(reader, json, document, root)) {
    return parts_.broken("the answer holds a line that is no JSON object");
  }
  auto end = ending{};
  const auto going_on = for_fields(root, [&](std::string_view name, ondemand::value v) {
    if (name == "message")
      return read_message(v, parts_, calls_);
    if (name != "error")
      return read_ending(name, v, end);
    auto words = error_words{};
    read_error_words(v, words);
    return parts_.fail(provider_error_of(parts_.provider(), parts_.model(), words));
  });
  if (!going_on) {
    return parts_.broken("the answer holds JSON that does not parse");
  }
  if (!end.done)
    return true;
  if (end.usage.prompt + end.usage.completion > 0)
    parts_.set_usage(end.usage);
  parts_.set_finish(end.reason);
  parts_.mark_done();
  return false;
}

model_result<answer_parts> ollama_answer::finish() {
  return parts_.finish();
}

}  // namespace persona_runtime
