#include "providers/chat/prompted_tools.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace persona_runtime {

namespace {

namespace dom = simdjson::dom;

constexpr std::size_t group_bytes_max = 1u << 20;

constexpr std::string_view preamble =
  "You can use tools. To use one, write a JSON object of exactly this shape:\n"
  "{\"tool\": \"<name>\", \"args\": {<its parameters>}}\n"
  "Write one such object for each use. Each must be complete and valid JSON by itself; do not put "
  "it into another object. You may write words before and behind it. What a tool answers comes "
  "in the next message. Parameters marked with ? may be left out. The tools:\n";

std::string_view type_of(dom::element property) {
  auto type = std::string_view{};
  return property["type"].get(type) ? "any" : type;
}

bool is_in(dom::array names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](dom::element each) {
    auto text = std::string_view{};
    return !each.get(text) && text == name;
  });
}

/// "query: string, k?: integer"; empty when the schema names none.
std::string parameters_text(const std::string& schema) {
  auto parser = dom::parser{};
  auto root = dom::element{};
  auto properties = dom::object{};
  if (parser.parse(schema).get(root) || root["properties"].get(properties))
    return {};
  auto required = dom::array{};
  const auto has_required = !root["required"].get(required);
  auto out = std::string{};
  for (const auto& [name, property] : properties) {
    out.append(out.empty() ? "" : ", ").append(name);
    out.append(has_required && is_in(required, name) ? ": " : "?: ").append(type_of(property));
  }
  return out;
}

/// The call that the text of a group is, if it is one.
std::optional<tool_call> call_in(const std::string& group) {
  thread_local dom::parser parser;
  auto root = dom::element{};
  auto name = std::string_view{};
  if (parser.parse(group).get(root) || root["tool"].get(name) || name.empty())
    return std::nullopt;
  auto call = tool_call{};
  call.name = name;
  if (auto args = dom::element{}; !root["args"].get(args)) {
    if (!args.is_object())
      return std::nullopt;
    call.arguments = simdjson::minify(args);
  }
  return call;
}

message_ptr with_text(const message& m, role from, std::string text) {
  auto out = m;
  out.from = from;
  out.content = shared_text{std::move(text)};
  out.calls.clear();
  return std::make_shared<message>(std::move(out));
}

/// Calls as the model would have had to write them.
std::string text_with_calls(const message& m) {
  auto text = m.content.str();
  for (const auto& call : m.calls) {
    text.append(text.empty() ? "" : "\n");
    auto o = json_writer{text};
    o.text("tool", call.name).json("args", call.arguments).close();
  }
  return text;
}

message_ptr said_in_words(const message_ptr& m) {
  if (m->from == role::tool)
    return with_text(*m, role::user, m->tool_name + " returned: " + m->content.str());
  return m->calls.empty() ? m : with_text(*m, m->from, text_with_calls(*m));
}

void add_block(message_list& context, std::string block) {
  if (!context.empty() && context.front()->from == role::system) {
    const auto& first = *context.front();
    const auto between = first.content.empty() ? "" : "\n\n";
    context.front() =
      with_text(first, role::system, first.content.str() + between + std::move(block));
  } else {
    context.insert(context.begin(), with_text({}, role::system, std::move(block)));
  }
}

}  // namespace

std::string prompted_tools_text(const std::vector<tool_definition>& tools) {
  auto out = std::string{tools.empty() ? "" : preamble};
  for (const auto& tool : tools) {
    out.append("- ").append(tool.name).append(": ").append(tool.description).append("\n");
    if (const auto parameters = parameters_text(tool.parameters); !parameters.empty())
      out.append("    parameters: ").append(parameters).append("\n");
  }
  return out;
}

chat_request in_words(chat_request request) {
  for (auto& m : request.context)
    m = said_in_words(m);
  if (request.tools && !request.tools->empty() && request.choice != tool_choice::none)
    add_block(request.context, prompted_tools_text(*request.tools));
  request.tools = nullptr;
  return request;
}

void prompted_parser::let_go(prompted_piece& out) {
  out.text.append(std::exchange(group_, {}));
  is_text_ = true;
}

void prompted_parser::close_group(prompted_piece& out) {
  auto call = is_text_ || calls_ == reply_calls_max ? std::nullopt : call_in(group_);
  if (!call)
    return let_go(out);
  group_.clear();
  call->call_id = "shim-" + std::to_string(++calls_);
  out.calls.push_back(std::move(*call));
}

/// One character of an open group.
void prompted_parser::take(char c, prompted_piece& out) {
  (is_text_ ? out.text : group_) += c;
  if (in_string_) {
    const auto ends = c == '"' && !escaped_;
    escaped_ = c == '\\' && !escaped_;
    in_string_ = !ends;
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '{') {
    ++depth_;
  } else if (c == '}' && --depth_ == 0) {
    return close_group(out);
  }
  // A call's first sign is the quote of a name; without it nobody needs to wait for the end.
  const auto is_first = !is_begun_ && ascii_blanks.find(c) == std::string_view::npos;
  is_begun_ = is_begun_ || is_first;
  if (!is_text_ && ((is_first && c != '"') || group_.size() > group_bytes_max))
    let_go(out);
}

void prompted_parser::feed(std::string_view fragment, prompted_piece& out) {
  while (!fragment.empty()) {
    if (depth_ == 0) {
      const auto text = fragment.substr(0, fragment.find('{'));
      out.text.append(text);
      fragment.remove_prefix(text.size());
      if (fragment.empty())
        return;
      depth_ = 1;
      group_ = "{";
      in_string_ = escaped_ = is_begun_ = is_text_ = false;
    } else {
      take(fragment.front(), out);
    }
    fragment.remove_prefix(1);
  }
}

void prompted_parser::finish(prompted_piece& out) {
  let_go(out);
  depth_ = 0;
}

void prompted_sink::pass_on(std::string_view text) {
  if (to_ && !text.empty())
    to_->on_text(text);
}

void prompted_sink::on_text(std::string_view delta) {
  const auto shown = all_.text.size();
  parser_.feed(delta, all_);
  pass_on(std::string_view{all_.text}.substr(shown));
  if (to_ && all_.text.size() == shown)
    to_->on_unshown(delta.size());
}

void prompted_sink::on_reasoning(std::string_view delta) {
  if (to_)
    to_->on_reasoning(delta);
}

void prompted_sink::on_unshown(std::size_t bytes) {
  if (to_)
    to_->on_unshown(bytes);
}

void prompted_sink::finish(answer_parts& parts) {
  const auto shown = all_.text.size();
  parser_.finish(all_);
  pass_on(std::string_view{all_.text}.substr(shown));
  parts.text = std::move(all_.text);
  if (!all_.calls.empty() && parts.finish == finish_reason::stop)
    parts.finish = finish_reason::tool_calls;
  for (auto& call : all_.calls)
    parts.calls.push_back(std::move(call));
}

}  // namespace persona_runtime
