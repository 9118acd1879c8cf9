#include "api/routes/read_completion.hpp"

#include "api/routes/read_completion_messages.hpp"
#include "domain/text/joined.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace persona_runtime::api {
namespace {

namespace json = boost::json;

constexpr auto format_bytes_max = std::size_t{64} << 10;
constexpr auto asked_name_bytes_max = std::size_t{128};
constexpr auto user_bytes_max = std::size_t{256};
constexpr auto metadata_entries_max = std::size_t{16};

constexpr auto honoured = std::to_array<std::string_view>(
  {"model", "messages", "tools", "tool_choice", "response_format", "temperature", "max_tokens",
   "max_completion_tokens", "stop", "stream", "stream_options", "user", "metadata"});

/// Whether `value` asks for nothing but what happens anyway.
bool is_usual(std::string_view name, const json::value& value) {
  if (value.is_null())
    return true;
  if (name == "n" || name == "top_p")
    return value.is_number() && value.to_number<double>() == 1;
  if (name == "frequency_penalty" || name == "presence_penalty")
    return value.is_number() && value.to_number<double>() == 0;
  if (name == "logprobs" || name == "store")
    return value == false;
  if (name == "parallel_tool_calls")
    return value == true;
  if (name == "logit_bias")
    return value.is_object() && value.get_object().empty();
  if (name == "modalities")
    return value == json::array{"text"};
  if (name == "service_tier")
    return value == "auto" || value == "default";
  return false;
}

void refuse_unsupported(const json::object& body) {
  auto names = std::vector<std::string>{};
  for (const auto& [key, value] : body) {
    const auto name = std::string_view{key};
    if (std::ranges::find(honoured, name) == honoured.end() && !is_usual(name, value))
      names.push_back("'" + std::string{name.substr(0, asked_name_bytes_max)} + "'");
    if (names.size() == 20)
      break;
  }
  if (names.empty())
    return;
  const auto first = names.front().substr(1, names.front().size() - 2);
  refuse_completion("Unsupported parameter" + std::string{names.size() > 1 ? "s" : ""} + ": "
                      + joined(names, ", "),
                    first, "unsupported_parameter");
}

class completion_body {
public:
  explicit completion_body(const json::object& body) : body_{body} {}

  /// Absent and null: none.
  [[nodiscard]] const json::value* find(std::string_view name) const {
    const auto* found = body_.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t max) const {
    const auto* found = find(name);
    if (found == nullptr)
      return std::nullopt;
    const auto* value = found->if_string();
    if (value == nullptr || value->empty() || value->size() > max)
      refuse_completion("'" + std::string{name} + "' must be a string of 1 to "
                          + std::to_string(max) + " bytes",
                        std::string{name});
    return std::string{*value};
  }
  [[nodiscard]] std::optional<std::uint32_t> count(std::string_view name) const {
    const auto* found = find(name);
    if (found == nullptr)
      return std::nullopt;
    const auto number = found->is_number() ? found->to_number<double>() : 0.0;
    if (number < 1 || number > std::numeric_limits<std::uint32_t>::max()
        || std::floor(number) != number)
      refuse_completion("'" + std::string{name} + "' must be an integer of at least 1",
                        std::string{name});
    return static_cast<std::uint32_t>(number);
  }
  [[nodiscard]] bool flag(std::string_view name) const {
    const auto* found = find(name);
    if (found != nullptr && !found->is_bool())
      refuse_completion("'" + std::string{name} + "' must be true or false", std::string{name});
    return found != nullptr && found->get_bool();
  }
  [[nodiscard]] const json::object* object(std::string_view name) const {
    const auto* found = find(name);
    if (found != nullptr && !found->is_object())
      refuse_completion("'" + std::string{name} + "' must be an object", std::string{name});
    return found == nullptr ? nullptr : &found->get_object();
  }

private:
  const json::object& body_;
};

std::optional<double> read_temperature(const completion_body& body) {
  const auto* found = body.find("temperature");
  if (found == nullptr)
    return std::nullopt;
  const auto number = found->is_number() ? found->to_number<double>() : -1.0;
  if (!(number >= 0 && number <= 2))
    refuse_completion("'temperature' must be a number from 0 to 2", "temperature");
  return number;
}

std::optional<std::uint32_t> read_reply_tokens(const completion_body& body) {
  const auto older = body.count("max_tokens");
  const auto newer = body.count("max_completion_tokens");
  if (older && newer && *older != *newer)
    refuse_completion("'max_tokens' and 'max_completion_tokens' differ; send one of them",
                      "max_tokens");
  return newer ? newer : older;
}

std::string read_stop_word(const json::value& v) {
  const auto* word = v.if_string();
  if (word == nullptr || word->empty() || word->size() > completion_stop_bytes_max)
    refuse_completion("'stop' must be a string, or a list of at most 4, of 1 to 256 bytes each",
                      "stop");
  return std::string{*word};
}

std::vector<std::string> read_stop(const completion_body& body) {
  const auto* found = body.find("stop");
  if (found == nullptr)
    return {};
  const auto* list = found->if_array();
  if (list == nullptr)
    return {read_stop_word(*found)};
  if (list->size() > completion_stops_max)
    refuse_completion("'stop' must hold at most 4 strings", "stop");
  auto words = std::vector<std::string>{};
  for (const auto& each : *list)
    words.push_back(read_stop_word(each));
  return words;
}

std::string read_response_format(const completion_body& body) {
  const auto* format = body.object("response_format");
  if (format == nullptr)
    return {};
  const auto* type = format->if_contains("type");
  const auto is_text = type != nullptr && *type == "text";
  const auto is_object = type != nullptr && *type == "json_object";
  const auto is_schema = type != nullptr && *type == "json_schema";
  if (!is_text && !is_object && !is_schema)
    refuse_completion("'response_format.type' must be text, json_object or json_schema",
                      "response_format.type", "invalid_value");
  if (is_text)
    return {};
  const auto* schema = format->if_contains("json_schema");
  const auto has_name = schema != nullptr && schema->is_object()
                        && schema->get_object().contains("name")
                        && schema->get_object().at("name").is_string();
  if (is_schema && !has_name)
    refuse_completion("'response_format.json_schema' must be an object with a name",
                      "response_format.json_schema");
  auto text = json::serialize(*format);
  if (text.size() > format_bytes_max)
    refuse_completion("'response_format' has more than 65536 bytes", "response_format");
  return text;
}

void read_named_tool(const json::object& choice, completion_request& to) {
  const auto* type = choice.if_contains("type");
  const auto* function = choice.if_contains("function");
  const auto* name = function == nullptr || !function->is_object()
                       ? nullptr
                       : function->get_object().if_contains("name");
  if (type == nullptr || *type != "function" || name == nullptr || !name->is_string())
    refuse_completion("'tool_choice' must be none, auto, required or a function by its name",
                      "tool_choice", "unsupported_value");
  to.wishes.calls = call_wish::required;
  to.wishes.tool = std::string{name->get_string()};
  if (std::ranges::find(to.tools, to.wishes.tool, &tool_definition::name) == to.tools.end())
    refuse_completion("'tool_choice' names " + to.wishes.tool.substr(0, asked_name_bytes_max)
                        + ", which is not among 'tools'",
                      "tool_choice");
}

void read_tool_choice(const completion_body& body, completion_request& to) {
  const auto* found = body.find("tool_choice");
  if (found == nullptr || *found == "auto")
    return;
  if (*found == "none") {
    to.wishes.calls = call_wish::none;
  } else if (*found == "required") {
    if (to.tools.empty())
      refuse_completion("'tool_choice' requires a call, but there are no 'tools'", "tool_choice");
    to.wishes.calls = call_wish::required;
  } else if (const auto* choice = found->if_object()) {
    read_named_tool(*choice, to);
  } else {
    refuse_completion("'tool_choice' must be none, auto, required or a function by its name",
                      "tool_choice", "unsupported_value");
  }
}

void read_stream(const completion_body& body, completion_ask& to) {
  to.stream = body.flag("stream");
  const auto* options = body.object("stream_options");
  if (options == nullptr)
    return;
  if (!to.stream)
    refuse_completion("'stream_options' goes with 'stream': true", "stream_options");
  for (const auto& [key, value] : *options) {
    const auto is_known = key == "include_usage" || key == "include_obfuscation";
    if (!is_known || (key == "include_obfuscation" && value == true))
      refuse_completion("Unsupported parameter: 'stream_options." + std::string{key} + "'",
                        "stream_options." + std::string{key}, "unsupported_parameter");
    if (!value.is_bool())
      refuse_completion("'stream_options." + std::string{key} + "' must be true or false",
                        "stream_options." + std::string{key});
  }
  const auto* usage = options->if_contains("include_usage");
  to.include_usage = usage != nullptr && usage->get_bool();
}

void read_metadata(const completion_body& body, completion_request& to) {
  const auto* metadata = body.object("metadata");
  if (metadata == nullptr)
    return;
  if (metadata->size() > metadata_entries_max)
    refuse_completion("'metadata' must have at most 16 entries", "metadata");
  for (const auto& [key, value] : *metadata) {
    if (!value.is_string() || value.get_string().size() > 512)
      refuse_completion("'metadata' must hold strings of at most 512 bytes", "metadata");
    if (key == "conversation")
      to.conversation = {std::string{value.get_string()}};
  }
}

/// Only the last user's message counts there, so what leans on others cannot.
void check_turn_of_conversation(const completion_request& what) {
  if (what.conversation.value.empty())
    return;
  if (!what.tools.empty())
    refuse_completion("'tools' cannot go with metadata.conversation: only the last message of the "
                      "user counts there, so their results could not come back",
                      "tools");
  const auto last = std::find_if(what.messages.rbegin(), what.messages.rend(),
                                 [](const auto& m) { return m->from == role::user; });
  if ((*last)->content.empty() || (*last)->content.size() > (std::size_t{64} << 10))
    refuse_completion("with metadata.conversation the last message of the user must have 1 to "
                      "65536 bytes",
                      "messages");
}

completion_ask read_checked(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr)
    refuse_completion("the body must be a JSON object", "");
  refuse_unsupported(*object);
  const auto body = completion_body{*object};
  auto ask = completion_ask{};
  const auto model = body.text("model", asked_name_bytes_max);
  const auto* messages = body.find("messages");
  if (!model || messages == nullptr)
    refuse_completion(std::string{model ? "'messages'" : "'model'"} + " is required",
                      model ? "messages" : "model", "missing_required_parameter");
  ask.model = *model;
  ask.what.persona = {*model};
  ask.what.messages = read_completion_messages(*messages);
  if (const auto* tools = body.find("tools"))
    ask.what.tools = read_completion_tools(*tools);
  ask.what.user = body.text("user", user_bytes_max).value_or("");
  ask.what.wishes.temperature = read_temperature(body);
  ask.what.wishes.reply_tokens_max = read_reply_tokens(body);
  ask.what.wishes.stop = read_stop(body);
  ask.what.wishes.response_format = read_response_format(body);
  read_tool_choice(body, ask.what);
  read_stream(body, ask);
  read_metadata(body, ask.what);
  check_turn_of_conversation(ask.what);
  return ask;
}

}  // namespace

std::variant<completion_ask, openai_problem> read_completion(const json::value& body) {
  try {
    return read_checked(body);
  } catch (const completion_refused& refused) {
    return refused.why;
  }
}

}  // namespace persona_runtime::api
