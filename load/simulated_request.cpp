#include "load/simulated_request.hpp"

#include "load/schema_example.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t json_depth_max = 64;

failure wrong(std::string_view field, std::string_view why) {
  return {errc::validation_error, std::string{field.substr(0, 64)} + ": " + std::string{why}};
}

/// What is read of a message beside its role.
struct said {
  std::string text;
  std::uint32_t results = 0;  // of tools, among its blocks
};

/// A text, or the texts of a list of blocks; what else a block holds (images) is passed over.
void read_content(const dom::element& content, said& into, int depth) {
  auto text = std::string_view{};
  if (!content.get(text)) {
    into.text.append(text);
    return;
  }
  auto blocks = dom::array{};
  if (depth > 1 || content.get(blocks))
    return;
  for (const auto block : blocks) {
    auto type = std::string_view{};
    auto inner = dom::element{};
    if (!block["type"].get(type) && type == "tool_result")
      ++into.results;
    if (!block["text"].get(text))
      into.text.append(text);
    else if (!block["content"].get(inner))
      read_content(inner, into, depth + 1);
  }
}

bool is_role(std::string_view name) {
  constexpr auto roles =
    std::array<std::string_view, 6>{"system", "developer", "user", "assistant", "tool", "function"};
  return std::find(roles.begin(), roles.end(), name) != roles.end();
}

result<void> read_message(const dom::element& message, simulated_request& into) {
  auto role = std::string_view{};
  if (message["role"].get(role) || !is_role(role))
    return wrong("messages", "each needs a role: system, developer, user, assistant or tool");
  auto content = dom::element{};
  auto heard = said{};
  if (!message["content"].get(content))
    read_content(content, heard, 0);
  into.text_bytes += heard.text.size();
  if (role == "tool" || role == "function")
    ++heard.results;
  if (role == "user" && heard.results == 0)
    into.results = 0;
  into.results += heard.results;
  if ((role == "user" || heard.results > 0) && !heard.text.empty())
    into.last_text = std::move(heard.text);
  return {};
}

result<void> read_messages(const dom::object& body, simulated_request& into) {
  auto messages = dom::array{};
  if (body["messages"].get(messages) || messages.size() == 0)
    return wrong("messages", "a list of at least one message is needed");
  for (const auto message : messages) {
    if (auto read = read_message(message, into); !read)
      return read;
  }
  auto system = dom::element{};
  if (!body["system"].get(system)) {
    auto heard = said{};
    read_content(system, heard, 0);
    into.text_bytes += heard.text.size();
  }
  return {};
}

bool are_tools_forbidden(const dom::object& body) {
  auto choice = std::string_view{};
  if (body["tool_choice"].get(choice) && body["tool_choice"]["type"].get(choice))
    return false;
  return choice == "none";
}

/// The tools take turns, so that a run of several rounds sees all of them.
result<void> read_tools(const dom::object& body, model_protocol protocol, simulated_request& into) {
  auto tools = dom::array{};
  if (body["tools"].get(tools) || tools.size() == 0 || are_tools_forbidden(body))
    return {};
  const auto is_flat = protocol == model_protocol::anthropic;
  const auto turn = into.results % tools.size();
  auto tool = dom::element{};
  auto name = std::string_view{};
  if (tools.at(turn).get(tool) || (!is_flat && tool["function"].get(tool)) || tool["name"].get(name)
      || name.empty())
    return wrong("tools", is_flat ? "each needs a name" : "each needs a function with a name");
  auto schema = dom::element{};
  const auto has_schema = !tool[is_flat ? "input_schema" : "parameters"].get(schema);
  into.call = simulated_call{std::string{name}, has_schema ? schema_example(schema) : "{}"};
  return {};
}

/// False when the field is there and is no whole number of 0..most.
bool read_count(const dom::object& from, std::string_view name, std::uint64_t most,
                std::optional<std::uint64_t>& to) {
  auto field = dom::element{};
  if (from[name].get(field) || field.is_null())
    return true;
  auto value = std::uint64_t{0};
  if (field.get(value) || value > most)
    return false;
  to = value;
  return true;
}

result<void> read_limits(const dom::object& body, model_protocol protocol,
                         simulated_request& into) {
  constexpr auto most = std::uint64_t{1} << 40;
  constexpr auto whole = "a whole number is needed";
  if (protocol == model_protocol::ollama) {
    auto options = dom::object{};
    // Negative ones mean "no limit" there.
    if (!body["options"].get(options))
      static_cast<void>(read_count(options, "num_predict", most, into.tokens_max));
    return {};
  }
  for (const auto* name : {"max_tokens", "max_completion_tokens"}) {
    if (!read_count(body, name, most, into.tokens_max))
      return wrong(name, whole);
  }
  if (protocol == model_protocol::anthropic && !into.tokens_max)
    return wrong("max_tokens", "is required");
  return {};
}

result<void> read_stream(const dom::object& body, model_protocol protocol,
                         simulated_request& into) {
  into.is_streamed = protocol == model_protocol::ollama;
  auto field = dom::element{};
  if (!body["stream"].get(field) && !field.is_null() && field.get(into.is_streamed))
    return wrong("stream", "true or false is needed");
  if (protocol == model_protocol::openai
      && body["stream_options"]["include_usage"].get(into.wants_usage))
    into.wants_usage = false;
  return {};
}

bool is_header_value(std::string_view text) {
  return text.size() <= 64
         && std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

template <class To>
bool read_wish(const dom::object& from, std::string_view name, std::uint64_t most, To& to) {
  auto value = std::optional<std::uint64_t>{};
  if (!read_count(from, name, most, value))
    return false;
  if (value)
    to = typename To::value_type(static_cast<std::int64_t>(*value));
  return true;
}

/// False for a name that none has, or a value that it does not take.
bool take_text_wish(std::string_view name, const dom::element& value, simulation_wishes& into) {
  auto text = std::string_view{};
  auto status = std::int64_t{0};
  if (name == "status") {
    if (value.get(status) || status < 400 || status > 599)
      return false;
    into.status = static_cast<int>(status);
    return true;
  }
  if (value.get(text))
    return false;
  if (name == "text")
    into.text = text;
  else if (name == "retry_after" && is_header_value(text))
    into.retry_after = text;
  else
    return false;
  return true;
}

bool take_wish(const dom::object& wishes, std::string_view name, const dom::element& value,
               simulation_wishes& into) {
  constexpr auto wait_most = static_cast<std::uint64_t>(simulated_wait_max.count());
  if (name == "first_token_ms")
    return read_wish(wishes, name, wait_most, into.first_token);
  if (name == "between_tokens_ms")
    return read_wish(wishes, name, wait_most, into.between_tokens);
  if (name == "tokens")
    return read_wish(wishes, name, simulated_tokens_max, into.tokens);
  if (name == "tool_rounds")
    return read_wish(wishes, name, simulated_rounds_max, into.tool_rounds);
  return take_text_wish(name, value, into);
}

result<void> read_wishes(const dom::object& body, simulation_wishes& into) {
  auto field = dom::element{};
  if (body["simulate"].get(field))
    return {};
  auto wishes = dom::object{};
  if (field.get(wishes))
    return wrong("simulate", "an object is needed");
  for (const auto [name, value] : wishes) {
    if (!take_wish(wishes, name, value, into))
      return wrong("simulate." + std::string{name}, "no such field, or not a value that it takes");
  }
  return {};
}

}  // namespace

result<simulated_request> read_simulated_request(model_protocol protocol, std::string_view body) {
  auto parser = dom::parser{};
  auto root = dom::object{};
  if (parser.allocate(std::max<std::size_t>(body.size(), 64), json_depth_max)
      || parser.parse(body.data(), body.size()).get(root))
    return failure{errc::malformed_json, "the body is not a JSON object"};
  auto request = simulated_request{};
  auto model = std::string_view{};
  if (root["model"].get(model) || model.empty())
    return wrong("model", "the name of a model is needed");
  request.model = model.substr(0, 256);
  auto read = read_messages(root, request);
  if (read)
    read = read_tools(root, protocol, request);
  if (read)
    read = read_limits(root, protocol, request);
  if (read)
    read = read_stream(root, protocol, request);
  if (read)
    read = read_wishes(root, request.wishes);
  if (!read)
    return read.error();
  return request;
}

}  // namespace persona_runtime
