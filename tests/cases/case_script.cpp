#include "tests/cases/case_script.hpp"

#include "tests/cases/case_fields.hpp"
#include "tests/cases/case_text.hpp"

#include <stdexcept>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

model_error_class class_of(std::string_view name) {
  for (const auto kind : {model_error_class::backend_timeout, model_error_class::rate_limit,
                          model_error_class::authentication, model_error_class::model_not_found,
                          model_error_class::provider_error}) {
    if (class_name(kind) == name)
      return kind;
  }
  throw std::runtime_error("no model fails like this: " + std::string{name});
}

model_error error_of_entry(const json::object& entry) {
  auto error = error_with(class_of(entry.at("type").as_string()));
  error.detail = text_of(entry.at("message"));
  if (const auto* context = entry.if_contains("context")) {
    if (const auto* status = context->as_object().if_contains("status_code"))
      error.status = std::stoi(text_of(*status));
    if (const auto* after = context->as_object().if_contains("retry_after_s"))
      error.retry_after = text_of(*after);
  }
  return error;
}

/// A value in a result's text.
std::string words_of(const json::value& value) {
  const auto* text = value.if_string();
  return text != nullptr ? std::string{*text} : json::serialize(value);
}

bool flag_of(const json::object& entry, const char* name) {
  const auto* found = entry.if_contains(name);
  return found != nullptr && found->as_bool();
}

tool_call call_from(const json::object& entry) {
  auto call = tool_call{field(entry, "name"), "{}", field(entry, "call_id"), false};
  auto text = std::string{};
  for (const auto& piece : list(entry, "arg_fragments"))
    text += text_of(piece);
  if (entry.contains("raw_args"))
    text = field(entry, "raw_args");
  if (const auto* args = entry.if_contains("args"))
    text = json::serialize(*args);
  if (text.empty())
    return call;
  auto ec = boost::system::error_code{};
  const auto parsed = json::parse(text, ec);
  if (ec || !parsed.is_object())
    call.truncated = true;
  else
    call.arguments = json::serialize(parsed);
  return call;
}

}  // namespace

model_result<model_reply> reply_of(const json::object& entry) {
  if (const auto* error = entry.if_contains("error"))
    return error_of_entry(error->as_object());
  auto reply = says(text_of(entry.at("content")));
  if (const auto* calls = entry.if_contains("tool_calls")) {
    for (const auto& item : calls->as_array()) {
      const auto& call = item.as_object();
      reply.calls.push_back({text_of(call.at("name")), json::serialize(call.at("args")),
                             text_of(call.at("call_id")), flag_of(call, "truncated")});
    }
    reply.finish = finish_reason::tool_calls;
  }
  return reply;
}

model_reply chat_reply_of(const json::object& entry) {
  auto reply = model_reply{};
  reply.text = field(entry, "content");
  for (const auto& delta : list(entry, "deltas"))
    reply.text += text_of(delta);
  for (const auto& piece : list(entry, "reasoning"))
    reply.reasoning += text_of(piece);
  reply.usage = {10, 5, false};
  if (const auto* usage = entry.if_contains("usage")) {
    const auto* pair = usage->if_array();
    reply.usage = pair == nullptr ? token_usage{}
                                  : token_usage{pair->at(0).to_number<std::uint64_t>(),
                                                pair->at(1).to_number<std::uint64_t>(), false};
  }
  for (const auto& item : list(entry, "tool_calls"))
    reply.calls.push_back(call_from(item.as_object()));
  return reply;
}

tool_result result_of_entry(const json::object& entry, const json::object& arguments) {
  if (const auto* raised = entry.if_contains("raise"))
    return error_of(text_of(raised->at("type")) + ": " + text_of(raised->at("message")));
  if (const auto* value = entry.if_contains("return_raw"))
    return error_of("InvalidToolReturn: int: " + json::serialize(*value));
  auto result = result_of(text_of(entry.at("content")));
  for (const auto& argument : arguments) {
    const auto name = '{' + std::string{argument.key()} + '}';
    result.content = replaced(std::move(result.content), name, words_of(argument.value()));
  }
  result.is_error = flag_of(entry, "is_error");
  result.truncated = flag_of(entry, "truncated");
  if (const auto* id = entry.if_contains("call_id"))
    result.call_id = text_of(*id);
  if (const auto* data = entry.if_contains("data"))
    result.data = json::serialize(*data);
  if (const auto* metadata = entry.if_contains("metadata")) {
    for (const auto& field : metadata->as_object())
      result.metadata.emplace(field.key(), text_of(field.value()));
  }
  return result;
}

}  // namespace persona_runtime::test
