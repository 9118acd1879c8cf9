#include "providers/chat/script_file.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace persona_runtime {
namespace {

using element = simdjson::dom::element;
using object = simdjson::dom::object;
using array = simdjson::dom::array;

constexpr std::uint64_t delay_ms_max = 86'400'000;  // a day: more is a slip of the pen

/// Thrown inside this file only; parse_chat_script turns it into a failure.
struct script_error {
  std::string place;
  std::string what;
};

std::string at(std::string_view place, std::string_view key) {
  return place.empty() ? std::string{key} : std::string{place} + '.' + std::string{key};
}

std::string at(std::string_view place, std::size_t index) {
  return std::string{place} + '[' + std::to_string(index) + ']';
}

std::optional<element> field(const object& from, std::string_view key) {
  element found;
  if (from.at_key(key).get(found) != simdjson::SUCCESS)
    return std::nullopt;
  return found;
}

object object_at(const element& value, const std::string& place) {
  object out;
  if (value.get(out) != simdjson::SUCCESS)
    throw script_error{place, "must be an object"};
  return out;
}

array array_at(const element& value, const std::string& place) {
  array out;
  if (value.get(out) != simdjson::SUCCESS)
    throw script_error{place, "must be a list"};
  return out;
}

std::uint64_t number_at(const element& value, const std::string& place, std::uint64_t max) {
  std::uint64_t out = 0;
  if (value.get(out) != simdjson::SUCCESS || out > max)
    throw script_error{place, "must be a whole number from 0 to " + std::to_string(max)};
  return out;
}

bool bool_at(const element& value, const std::string& place) {
  bool out = false;
  if (value.get(out) != simdjson::SUCCESS)
    throw script_error{place, "must be true or false"};
  return out;
}

void allow_only(const object& from, const std::string& place,
                std::initializer_list<std::string_view> keys) {
  for (const auto& entry : from) {
    if (std::find(keys.begin(), keys.end(), entry.key) == keys.end())
      throw script_error{at(place, entry.key), "no such field here"};
  }
}

/// Reads texts and watches over how large they become in all.
class text_reader {
public:
  std::string text(const element& value, const std::string& place) {
    std::string_view plain;
    if (value.get(plain) == simdjson::SUCCESS)
      return counted(std::string{plain}, place);
    object form;
    if (value.get(form) != simdjson::SUCCESS)
      throw script_error{place, "must be a text or {prefix, repeat, times, suffix}"};
    allow_only(form, place, {"prefix", "repeat", "times", "suffix"});
    const std::string repeat = part(form, "repeat", place);
    const auto times_field = field(form, "times");
    const std::uint64_t times =
      times_field ? number_at(*times_field, at(place, "times"), script_bytes_max) : 1;
    if (!repeat.empty() && times > script_bytes_max / repeat.size())
      throw script_error{place, "becomes larger than 16 MiB"};
    std::string out = part(form, "prefix", place);
    for (std::uint64_t i = 0; i < times; ++i)
      out += repeat;
    return counted(out + part(form, "suffix", place), place);
  }

  std::vector<std::string> list(const element& value, const std::string& place) {
    std::vector<std::string> out;
    for (const element entry : array_at(value, place))
      out.push_back(text(entry, at(place, out.size())));
    return out;
  }

  std::string joined(const element& value, const std::string& place) {
    std::string out;
    for (const std::string& entry : list(value, place))
      out += entry;
    return out;
  }

private:
  static std::string part(const object& form, std::string_view key, const std::string& place) {
    const auto value = field(form, key);
    std::string_view out;
    if (value && value->get(out) != simdjson::SUCCESS)
      throw script_error{at(place, key), "must be a text"};
    return std::string{out};
  }

  std::string counted(std::string text, const std::string& place) {
    bytes_ += text.size();
    if (bytes_ > script_bytes_max)
      throw script_error{place, "all texts together become larger than 16 MiB"};
    return text;
  }

  std::size_t bytes_ = 0;
};

bool is_object_text(const std::string& text) {
  simdjson::dom::parser parser;
  object ignored;
  return parser.parse(text).get(ignored) == simdjson::SUCCESS;
}

/// Arguments that arrive as text count as an adapter counts them: nothing is {}, and what is no
/// object was cut off.
void set_raw_arguments(tool_call& call, std::string text) {
  if (text.empty())
    return;
  if (is_object_text(text))
    call.arguments = std::move(text);
  else
    call.truncated = true;
}

tool_call call_at(text_reader& reader, const element& value, const std::string& place) {
  const object from = object_at(value, place);
  allow_only(
    from, place,
    {"name", "name_fragments", "args", "raw_args", "arg_fragments", "call_id", "truncated"});
  tool_call call;
  if (const auto name = field(from, "name"))
    call.name = reader.text(*name, at(place, "name"));
  if (const auto fragments = field(from, "name_fragments"))
    call.name = reader.joined(*fragments, at(place, "name_fragments"));
  if (const auto id = field(from, "call_id"))
    call.call_id = reader.text(*id, at(place, "call_id"));
  if (const auto args = field(from, "args"))
    call.arguments = simdjson::minify(object_at(*args, at(place, "args")));
  if (const auto raw = field(from, "raw_args"))
    set_raw_arguments(call, reader.text(*raw, at(place, "raw_args")));
  if (const auto fragments = field(from, "arg_fragments"))
    set_raw_arguments(call, reader.joined(*fragments, at(place, "arg_fragments")));
  if (const auto truncated = field(from, "truncated"))
    call.truncated = bool_at(*truncated, at(place, "truncated")) || call.truncated;
  return call;
}

/// What each exception of the reference is in our classes, with the status that goes with it.
void set_class(model_error& error, std::string_view type) {
  struct known {
    std::string_view type;
    model_error_class kind;
    int status;
  };
  static constexpr std::array<known, 6> table{{
    {"BackendTimeoutError", model_error_class::backend_timeout, 0},
    {"RateLimitError", model_error_class::rate_limit, 429},
    {"AuthenticationError", model_error_class::authentication, 401},
    {"ModelNotFoundError", model_error_class::model_not_found, 404},
    {"ProviderCredentialMissingError", model_error_class::credential_missing, 0},
    {"BackendVisionNotSupportedError", model_error_class::vision_not_supported, 0},
  }};
  for (const known& row : table) {
    if (row.type == type) {
      error.kind = row.kind;
      error.status = row.status;
      return;
    }
  }
  error.kind = model_error_class::provider_error;
}

/// A text or a number, as a text: providers send a Retry-After either way.
std::string scalar_text(const element& value, const std::string& place) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS)
    return std::string{text};
  if (!value.is_number())
    throw script_error{place, "must be a text or a number"};
  return simdjson::minify(value);
}

void set_context(model_error& error, const element& value, const std::string& place) {
  const object from = object_at(value, place);
  if (const auto status = field(from, "status_code"); status && !status->is_null())
    error.status = static_cast<int>(number_at(*status, at(place, "status_code"), 999));
  if (const auto wait = field(from, "retry_after_s"); wait && !wait->is_null())
    error.retry_after = scalar_text(*wait, at(place, "retry_after_s"));
  if (const auto reason = field(from, "reason"); reason && !reason->is_null())
    error.reason = scalar_text(*reason, at(place, "reason"));
}

void set_error(text_reader& reader, scripted_reply& reply, const element& value,
               const std::string& place) {
  const object from = object_at(value, place);
  allow_only(from, place, {"type", "message", "context", "after"});
  const auto type = field(from, "type");
  if (!type)
    throw script_error{place, "needs a type"};
  model_error error;
  const std::string name = reader.text(*type, at(place, "type"));
  set_class(error, name);
  error.detail = name;
  if (const auto message = field(from, "message"))
    error.detail = reader.text(*message, at(place, "message")).substr(0, 512);
  if (const auto context = field(from, "context"))
    set_context(error, *context, at(place, "context"));
  if (const auto after = field(from, "after"); after && !after->is_null())
    reply.error_after = number_at(*after, at(place, "after"), script_bytes_max);
  reply.error = std::move(error);
}

std::optional<token_usage> usage_at(const element& value, const std::string& place) {
  if (value.is_null())
    return std::nullopt;
  const array pair = array_at(value, place);
  if (pair.size() != 2)
    throw script_error{place, "must be [prompt, completion] or null"};
  constexpr std::uint64_t tokens_max = std::uint64_t{1} << 40;
  return token_usage{number_at(pair.at(0).value_unsafe(), at(place, 0), tokens_max),
                     number_at(pair.at(1).value_unsafe(), at(place, 1), tokens_max)};
}

scripted_reply reply_at(text_reader& reader, const element& value, const std::string& place) {
  const object from = object_at(value, place);
  allow_only(
    from, place,
    {"content", "deltas", "tool_calls", "reasoning", "usage", "delay_ms", "cancel", "error"});
  scripted_reply reply;
  reply.usage = token_usage{10, 5};
  if (const auto content = field(from, "content")) {
    if (std::string text = reader.text(*content, at(place, "content")); !text.empty())
      reply.deltas.push_back(std::move(text));
  }
  if (const auto deltas = field(from, "deltas"))
    reply.deltas = reader.list(*deltas, at(place, "deltas"));
  if (const auto reasoning = field(from, "reasoning"))
    reply.reasoning = reader.list(*reasoning, at(place, "reasoning"));
  if (const auto calls = field(from, "tool_calls")) {
    for (const element call : array_at(*calls, at(place, "tool_calls")))
      reply.calls.push_back(call_at(reader, call, at(at(place, "tool_calls"), reply.calls.size())));
  }
  if (const auto usage = field(from, "usage"))
    reply.usage = usage_at(*usage, at(place, "usage"));
  if (const auto delay = field(from, "delay_ms"))
    reply.delay = std::chrono::milliseconds{number_at(*delay, at(place, "delay_ms"), delay_ms_max)};
  if (const auto error = field(from, "error"))
    set_error(reader, reply, *error, at(place, "error"));
  return reply;
}

std::vector<scripted_reply> replies_at(text_reader& reader, const object& from,
                                       std::string_view key) {
  std::vector<scripted_reply> out;
  const auto list = field(from, key);
  if (!list || list->is_null())
    return out;
  for (const element reply : array_at(*list, std::string{key}))
    out.push_back(reply_at(reader, reply, at(key, out.size())));
  return out;
}

}  // namespace

result<chat_script> parse_chat_script(std::string_view json, std::string_view file) {
  const auto refused = [&file](std::string_view place, std::string_view what) {
    std::string detail = std::string{file} + ": ";
    if (!place.empty())
      detail.append(place).append(": ");
    return failure{errc::validation_error, detail.append(what).substr(0, 512)};
  };
  if (json.size() > script_bytes_max)
    return refused("", "larger than 16 MiB");
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root))
    return refused("", std::string{"is not JSON: "} + simdjson::error_message(error));
  try {
    text_reader reader;
    const object top = object_at(root, "the file");
    if (!field(top, "script") && !field(top, "summaries"))
      throw script_error{"", "has neither script nor summaries"};
    return chat_script{replies_at(reader, top, "script"), replies_at(reader, top, "summaries")};
  } catch (const script_error& error) {
    return refused(error.place, error.what);
  }
}

}  // namespace persona_runtime
