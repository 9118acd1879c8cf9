#include "domain/conversation/completion_frame.hpp"

#include "domain/prompt/envelope.hpp"
#include "domain/run/tool_calls.hpp"
#include "domain/tool/told_fact.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr auto per_tool_tokens = std::uint64_t{8};  // what frames one schema in a request

prompt_item counted_item(const message_ptr& m, const turn_rules& rules) {
  auto sized = m;
  if (m->size.alone == 0) {
    auto copy = *m;
    copy.size = rules.size_of(m->from, m->content.view());
    sized = std::make_shared<const message>(std::move(copy));
  }
  auto item = make_item(std::move(sized), rules.count);
  item.tokens += static_cast<std::uint32_t>(argument_tokens(m->calls, rules.count));
  return item;
}

bool is_user(const prompt_item& item) {
  return item.message->from == role::user;
}

bool is_client_system(const prompt_item& item) {
  return item.message->from == role::system;
}

/// The client's own system messages stand below the persona, in one envelope.
prompt_section instructions_of(const std::vector<prompt_item>& items, const std::string& nonce,
                               const turn_rules& rules) {
  auto text = std::string{};
  for (const auto& item : items) {
    if (is_client_system(item) && !item.message->content.empty())
      text.append(text.empty() ? "" : "\n\n").append(item.message->content.view());
  }
  if (text.empty())
    return {};
  return make_section(rules.sections.client_instructions + '\n'
                        + in_envelope("client-instructions", nonce, text),
                      rules.count);
}

/// A completion leaves nothing in memory, so what would write there is not offered.
bool keeps_facts(std::string_view tool) {
  return tool == remember_name || tool == forget_name;
}

/// The setup with these tools instead of its own.
result<turn_setup_ptr> setup_with(const turn_setup& setup, std::vector<tool_definition> all,
                                  std::uint64_t more_tokens) {
  auto names = std::vector<std::string>{};
  for (const auto& tool : all)
    names.push_back(tool.name);
  auto tools = toolbox::make(std::move(all), std::move(names));
  if (!tools)
    return tools.error();
  auto made = std::make_shared<turn_setup>(setup);
  made->tools = std::move(*tools);
  made->schema_tokens += more_tokens;
  return turn_setup_ptr{std::move(made)};
}

/// The persona's tools and the client's.
result<turn_setup_ptr> with_client_tools(const turn_setup_ptr& own, const completion_request& what,
                                         std::uint64_t tool_tokens) {
  if (what.tools.empty())
    return own;
  auto all = *own->tools.definitions();
  for (const auto& tool : what.tools) {
    if (std::ranges::find(all, tool.name, &tool_definition::name) != all.end())
      return failure{errc::validation_error,
                     "tools: " + tool.name + " is the name of a tool that the persona has itself"};
    all.push_back(tool);
  }
  return setup_with(*own, std::move(all), tool_tokens);
}

std::set<std::string> names_of(const std::vector<tool_definition>& tools) {
  auto names = std::set<std::string>{};
  for (const auto& tool : tools)
    names.insert(tool.name);
  return names;
}

const message* last_of_user(const completion_request& what) {
  const auto last = std::find_if(what.messages.rbegin(), what.messages.rend(),
                                 [](const message_ptr& m) { return m->from == role::user; });
  return last == what.messages.rend() ? nullptr : last->get();
}

}  // namespace

result<turn_setup_ptr> completion_setup(const turn_setup& setup) {
  auto all = *setup.tools.definitions();
  std::erase_if(all, [](const tool_definition& tool) { return keeps_facts(tool.name); });
  return setup_with(setup, std::move(all), 0);
}

bool count_some(counted_completion& to, const completion_request& what, const turn_rules& rules,
                std::size_t bytes) {
  auto done = std::size_t{0};
  while (to.items.size() < to.messages.size()) {
    if (done >= bytes)
      return true;
    const auto& m = to.messages[to.items.size()];
    to.items.push_back(counted_item(m, rules));
    done += 1 + m->content.size();
  }
  while (to.tools_counted < what.tools.size()) {
    if (done >= bytes)
      return true;
    const auto& tool = what.tools[to.tools_counted++];
    to.tool_tokens += per_tool_tokens + rules.count(tool.name) + rules.count(tool.description)
                      + rules.count(tool.parameters);
    done += 1 + tool.description.size() + tool.parameters.size();
  }
  return false;
}

result<turn_frame_ptr> make_completion_frame(const turn_setup& setup, turn_spec_ptr spec,
                                             const completion_request& what,
                                             counted_completion counted, std::string nonce,
                                             const turn_rules& rules) {
  auto own =
    setup.for_completions ? result<turn_setup_ptr>{setup.for_completions} : completion_setup(setup);
  if (!own)
    return own.error();
  auto extended = with_client_tools(*own, what, counted.tool_tokens);
  if (!extended)
    return extended.error();
  auto frame = std::make_shared<turn_frame>();
  frame->client_instructions = instructions_of(counted.items, nonce, rules);
  std::erase_if(counted.items, is_client_system);
  const auto last = std::find_if(counted.items.rbegin(), counted.items.rend(), is_user);
  if (last == counted.items.rend())
    return failure{errc::validation_error, "messages: at least one must be the user's"};
  const auto user = last.base() - 1;
  for (auto i = user + 1; i != counted.items.end(); ++i) {
    frame->follow.push_back(i->message);
    frame->follow_tokens += i->tokens;
  }
  frame->history.assign(counted.items.begin(), user);
  frame->user = *user;
  frame->setup = std::move(*extended);
  frame->spec = std::move(spec);
  frame->talk = std::make_shared<const conversation>();
  frame->nonce = std::move(nonce);
  frame->client_tools = names_of(what.tools);
  frame->wishes = std::make_shared<const reply_wishes>(what.wishes);
  frame->keeps_nothing = true;
  return turn_frame_ptr{std::move(frame)};
}

std::string last_user_text(const completion_request& what) {
  const auto* last = last_of_user(what);
  return last == nullptr ? std::string{} : last->content.str();
}

std::vector<image_block> last_user_images(const completion_request& what) {
  const auto* last = last_of_user(what);
  return last == nullptr ? std::vector<image_block>{} : last->images;
}

}  // namespace persona_runtime
