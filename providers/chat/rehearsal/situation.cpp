#include "providers/chat/rehearsal/situation.hpp"

#include "domain/text/markers.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime::rehearsal {
namespace {

constexpr std::size_t questions_back_max = 4;

std::string task_text(std::string_view text) {
  text = stripped(text);
  constexpr std::string_view label = "TASK:";
  if (text.starts_with(label))
    text.remove_prefix(label.size());
  return std::string{stripped(text)};
}

bool asks_for_markers(const message_list& context) {
  return std::any_of(context.begin(), context.end(), [](const message_ptr& m) {
    return m->from == role::system
           && m->content.view().find(final_marker) != std::string_view::npos;
  });
}

void add_outcomes(situation& out, const message_list& context, std::size_t from) {
  for (std::size_t i = from; i < context.size(); ++i) {
    const message& m = *context[i];
    if (m.from == role::tool)
      out.outcomes[m.call_id] = {m.content.str(), m.is_error};
  }
}

/// The user's words behind each of our questions.
void read_run(situation& out, const message_list& context) {
  bool asked = false;
  for (const message_ptr& m : context) {
    if (m->from == role::assistant) {
      asked = m->calls.empty() && find_ask(m->content.view()).has_value();
    } else if (m->from == role::user) {
      if (out.task.empty())
        out.task = task_text(m->content.view());
      else if (asked)
        out.answers.push_back(m->content.str());
      asked = false;
    }
  }
  add_outcomes(out, context, 0);
}

/// One user message of a chat and the assistant's text before it.
struct exchange {
  std::size_t index = 0;
  std::string before;
};

void read_chat(situation& out, const message_list& context) {
  std::vector<exchange> said;
  std::string before;
  for (std::size_t i = 0; i < context.size(); ++i) {
    if (context[i]->from == role::assistant) {
      before = context[i]->content.str();
    } else if (context[i]->from == role::user) {
      said.push_back({i, before});
      before.clear();
    }
  }
  if (said.empty())
    return;
  std::size_t first = said.size() - 1;
  // Going back, an earlier message is the task when it, and the answers up to here, make us ask
  // just what was asked.
  for (std::size_t back = 1; back <= std::min(questions_back_max, said.size() - 1); ++back) {
    const std::size_t candidate = said.size() - 1 - back;
    const std::string task = task_text(context[said[candidate].index]->content.view());
    std::vector<std::string> answers;
    bool fits = true;
    for (std::size_t k = candidate + 1; k < said.size() && fits; ++k) {
      fits = make_plan(task, answers).question == said[k].before;
      answers.push_back(context[said[k].index]->content.str());
    }
    if (fits)
      first = candidate;
  }
  out.task = task_text(context[said[first].index]->content.view());
  for (std::size_t k = first + 1; k < said.size(); ++k)
    out.answers.push_back(context[said[k].index]->content.str());
  add_outcomes(out, context, said.back().index);
}

}  // namespace

situation read_situation(const message_list& context) {
  situation out;
  out.in_run = asks_for_markers(context);
  if (out.in_run)
    read_run(out, context);
  else
    read_chat(out, context);
  return out;
}

}  // namespace persona_runtime::rehearsal
