#include "api/routes/read_completion_messages.hpp"

#include "api/api_settings.hpp"
#include "api/routes/image_url.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>

namespace persona_runtime::api {
namespace {

namespace json = boost::json;

constexpr auto name_bytes_max = std::size_t{64};
constexpr auto call_id_bytes_max = std::size_t{128};
constexpr auto description_bytes_max = std::size_t{16} << 10;
constexpr auto calls_max = std::size_t{64};

std::string at_index(std::string_view name, std::size_t i) {
  return std::string{name} + '[' + std::to_string(i) + ']';
}

const json::object& object_at(const json::value& v, const std::string& where) {
  if (const auto* o = v.if_object())
    return *o;
  refuse_completion("'" + where + "' must be an object", where);
}

/// Absent and null: none.
const json::value* field(const json::object& o, std::string_view name) {
  const auto* found = o.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string text_field(const json::object& o, std::string_view name, std::size_t bytes_max,
                       const std::string& where) {
  const auto path = where + '.' + std::string{name};
  const auto* found = field(o, name);
  if (found == nullptr)
    refuse_completion("'" + path + "' is required", path);
  const auto* text = found->if_string();
  if (text == nullptr || text->empty())
    refuse_completion("'" + path + "' must be a string that is not empty", path);
  if (text->size() > bytes_max)
    refuse_completion("'" + path + "' has more than " + std::to_string(bytes_max) + " bytes", path);
  return std::string{*text};
}

/// What stands there and is not one of `known` must say nothing: null or empty.
void refuse_others(const json::object& o, std::initializer_list<std::string_view> known,
                   const std::string& where) {
  for (const auto& [key, value] : o) {
    const auto is_known = std::ranges::find(known, std::string_view{key}) != known.end();
    const auto is_empty = value.is_null() || (value.is_array() && value.get_array().empty());
    if (!is_known && !is_empty) {
      const auto path = where + '.' + std::string{std::string_view{key}.substr(0, name_bytes_max)};
      refuse_completion("Unsupported parameter: '" + path + "'", path, "unsupported_parameter");
    }
  }
}

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= name_bytes_max && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
           || c == '-';
  });
}

image_block read_image(const json::object& part, const std::string& where) {
  const auto* holder = field(part, "image_url");
  const auto url =
    text_field(holder == nullptr ? json::object{} : object_at(*holder, where + ".image_url"), "url",
               large_body_bytes_max, where + ".image_url");
  auto image = image_from_url(url);
  if (!image)
    refuse_completion("'" + where + ".image_url.url' " + std::string{image_url_rule},
                      where + ".image_url.url");
  image->workspace_path = "image";
  return std::move(*image);
}

void add_part(message& to, std::string& text, const json::value& v, const std::string& where) {
  const auto& part = object_at(v, where);
  const auto type = text_field(part, "type", name_bytes_max, where);
  if (type == "text") {
    const auto* found = field(part, "text");
    if (found == nullptr || !found->is_string())
      refuse_completion("'" + where + ".text' must be a string", where + ".text");
    text.append(text.empty() ? "" : "\n").append(std::string_view{found->get_string()});
  } else if (type == "image_url" && to.from == role::user) {
    to.images.push_back(read_image(part, where));
  } else {
    refuse_completion("Unsupported content part '" + type + "' of a message of role "
                        + std::string{name_of(to.from)},
                      where + ".type", "unsupported_value");
  }
}

void read_content(message& to, const json::object& o, const std::string& where) {
  const auto path = where + ".content";
  const auto* content = field(o, "content");
  auto text = std::string{};
  if (content == nullptr && (to.from != role::assistant || to.calls.empty()))
    refuse_completion("'" + path + "' is required", path);
  if (content != nullptr && content->is_string()) {
    text = std::string{content->get_string()};
  } else if (content != nullptr && content->is_array()) {
    const auto& parts = content->get_array();
    for (auto i = std::size_t{0}; i < parts.size(); ++i)
      add_part(to, text, parts[i], at_index(path, i));
  } else if (content != nullptr) {
    refuse_completion("'" + path + "' must be a string or a list of parts", path);
  }
  if (text.size() > completion_message_bytes_max)
    refuse_completion("'" + path + "' has more than " + std::to_string(completion_message_bytes_max)
                        + " bytes",
                      path, "string_above_max_length");
  to.content = shared_text{std::move(text)};
}

tool_call read_call(const json::value& v, const std::string& where) {
  const auto& o = object_at(v, where);
  if (const auto* type = field(o, "type"); type != nullptr && *type != "function")
    refuse_completion("'" + where + ".type' must be 'function'", where + ".type",
                      "unsupported_value");
  auto call = tool_call{};
  call.call_id = text_field(o, "id", call_id_bytes_max, where);
  const auto* f = field(o, "function");
  const auto inner = where + ".function";
  const auto& function = f == nullptr ? json::object{} : object_at(*f, inner);
  call.name = text_field(function, "name", name_bytes_max, inner);
  call.arguments = text_field(function, "arguments", completion_message_bytes_max, inner);
  auto ec = boost::system::error_code{};
  if (const auto parsed = json::parse(call.arguments, ec); ec || !parsed.is_object())
    refuse_completion("'" + inner + ".arguments' must be the text of a JSON object",
                      inner + ".arguments");
  return call;
}

void read_calls(message& to, const json::object& o, const std::string& where) {
  const auto* list = field(o, "tool_calls");
  if (list == nullptr)
    return;
  const auto path = where + ".tool_calls";
  const auto* calls = list->if_array();
  if (calls == nullptr || calls->size() > calls_max)
    refuse_completion("'" + path + "' must be a list of at most 64 calls", path);
  for (auto i = std::size_t{0}; i < calls->size(); ++i)
    to.calls.push_back(read_call((*calls)[i], at_index(path, i)));
}

std::optional<role> role_named(std::string_view name) {
  if (name == "system" || name == "developer")
    return role::system;
  if (name == "user")
    return role::user;
  if (name == "assistant")
    return role::assistant;
  if (name == "tool")
    return role::tool;
  return std::nullopt;
}

message_ptr read_message(const json::value& v, const std::string& where) {
  const auto& o = object_at(v, where);
  const auto named = text_field(o, "role", name_bytes_max, where);
  const auto from = role_named(named);
  if (!from)
    refuse_completion("'" + where + ".role' must be system, developer, user, assistant or tool",
                      where + ".role", "invalid_value");
  auto m = message{};
  m.from = *from;
  if (m.from == role::assistant) {
    refuse_others(o, {"role", "content", "tool_calls"}, where);
    read_calls(m, o, where);
  } else if (m.from == role::tool) {
    refuse_others(o, {"role", "content", "tool_call_id", "name"}, where);
    m.call_id = text_field(o, "tool_call_id", call_id_bytes_max, where);
  } else {
    refuse_others(o, {"role", "content"}, where);
  }
  read_content(m, o, where);
  return std::make_shared<const message>(std::move(m));
}

tool_definition read_tool(const json::value& v, const std::string& where) {
  const auto& o = object_at(v, where);
  const auto* type = field(o, "type");
  if (type == nullptr || *type != "function")
    refuse_completion("'" + where + ".type' must be 'function'", where + ".type",
                      "unsupported_value");
  refuse_others(o, {"type", "function"}, where);
  const auto inner = where + ".function";
  const auto* f = field(o, "function");
  const auto& function = f == nullptr ? json::object{} : object_at(*f, inner);
  auto tool = tool_definition{};
  tool.name = text_field(function, "name", name_bytes_max, inner);
  if (!is_tool_name(tool.name))
    refuse_completion("'" + inner + ".name' must be 1 to 64 letters, digits, '_' or '-'",
                      inner + ".name");
  if (const auto* strict = field(function, "strict"); strict != nullptr && *strict != false)
    refuse_completion("Unsupported parameter: '" + inner + ".strict'", inner + ".strict",
                      "unsupported_parameter");
  refuse_others(function, {"name", "description", "parameters", "strict"}, inner);
  if (field(function, "description") != nullptr)
    tool.description = text_field(function, "description", description_bytes_max, inner);
  if (const auto* parameters = field(function, "parameters"))
    tool.parameters = json::serialize(object_at(*parameters, inner + ".parameters"));
  return tool;
}

/// The results of the calls of one assistant's message, which must follow it.
class open_calls {
public:
  void open(const message& m, std::size_t at) {
    at_ = at;
    for (const auto& call : m.calls)
      ids_.insert(call.call_id);
  }
  [[nodiscard]] bool close(const std::string& id) { return ids_.erase(id) == 1; }
  [[nodiscard]] bool empty() const { return ids_.empty(); }
  [[nodiscard]] openai_problem missing() const {
    const auto where = at_index("messages", at_);
    return {"'" + where
              + ".tool_calls' must be followed by one message of role tool for each "
                "call; there is none for "
              + *ids_.begin(),
            where + ".tool_calls"};
  }

private:
  std::set<std::string> ids_;
  std::size_t at_ = 0;
};

}  // namespace

void refuse_completion(std::string message, std::string param, std::string_view code) {
  throw completion_refused{{std::move(message), std::move(param), code}};
}

std::optional<openai_problem> problem_of_order(const message_list& messages) {
  auto calls = open_calls{};
  auto has_user = false;
  auto system_bytes = std::size_t{0};
  for (auto i = std::size_t{0}; i < messages.size(); ++i) {
    const auto& m = *messages[i];
    if (m.from == role::tool) {
      if (!calls.close(m.call_id)) {
        const auto where = at_index("messages", i);
        return openai_problem{"'" + where + "' of role tool must follow a message with the call "
                                + m.call_id,
                              where + ".tool_call_id"};
      }
      continue;
    }
    if (!calls.empty())
      return calls.missing();
    calls.open(m, i);
    has_user = has_user || m.from == role::user;
    system_bytes += m.from == role::system ? m.content.size() : 0;
  }
  if (!calls.empty())
    return calls.missing();
  if (!has_user)
    return openai_problem{"'messages' must hold a message of role user", "messages"};
  if (system_bytes > completion_system_bytes_max)
    return openai_problem{"the messages of role system and developer have more than 65536 bytes "
                          "together",
                          "messages", "string_above_max_length"};
  return std::nullopt;
}

message_list read_completion_messages(const json::value& list) {
  const auto* items = list.if_array();
  if (items == nullptr || items->empty() || items->size() > completion_messages_max)
    refuse_completion("'messages' must be a list of 1 to " + std::to_string(completion_messages_max)
                        + " messages",
                      "messages");
  auto messages = message_list{};
  messages.reserve(items->size());
  for (auto i = std::size_t{0}; i < items->size(); ++i)
    messages.push_back(read_message((*items)[i], at_index("messages", i)));
  if (auto problem = problem_of_order(messages))
    throw completion_refused{std::move(*problem)};
  return messages;
}

std::vector<tool_definition> read_completion_tools(const json::value& list) {
  const auto* items = list.if_array();
  if (items == nullptr || items->size() > completion_tools_max)
    refuse_completion("'tools' must be a list of at most " + std::to_string(completion_tools_max)
                        + " tools",
                      "tools");
  auto tools = std::vector<tool_definition>{};
  auto names = std::set<std::string>{};
  for (auto i = std::size_t{0}; i < items->size(); ++i) {
    tools.push_back(read_tool((*items)[i], at_index("tools", i)));
    if (!names.insert(tools.back().name).second)
      refuse_completion("'tools' names " + tools.back().name + " twice", at_index("tools", i));
  }
  return tools;
}

}  // namespace persona_runtime::api
