#include "providers/chat/rehearsal/rehearse.hpp"

#include "domain/text/markers.hpp"
#include "providers/chat/rehearsal/progress.hpp"
#include "providers/chat/rehearsal/situation.hpp"
#include "providers/chat/rehearsal/speaker.hpp"

#include <utility>

namespace persona_runtime::rehearsal {
namespace {

constexpr std::size_t task_bytes_max = 64u << 10;

std::set<std::string, std::less<>> names_of(const chat_request& request) {
  std::set<std::string, std::less<>> names;
  if (request.tools && request.choice != tool_choice::none) {
    for (const tool_definition& tool : *request.tools)
      names.insert(tool.name);
  }
  return names;
}

std::string marked(bool in_run, std::string_view marker, std::string text) {
  return in_run ? std::string{marker} + ' ' + std::move(text) : std::move(text);
}

}  // namespace

reply rehearse(const chat_request& request) {
  if (request.purpose == call_purpose::summary) {
    std::string all;
    for (const message_ptr& m : request.context) {
      if (m->from == role::user)
        all.append(m->content.view()).push_back('\n');
    }
    return {summary_of(all), {}};
  }
  const situation now = read_situation(request.context);
  const plan p = make_plan(std::string_view{now.task}.substr(0, task_bytes_max), now.answers);
  if (p.question)
    return {marked(now.in_run, ask_marker, *p.question), {}};
  progress at = next_calls(p, names_of(request), now.outcomes);
  if (at.calls.empty())
    return {marked(now.in_run, final_marker, closing(p, at)), {}};
  return {now.outcomes.empty() ? opening(p) : std::string{}, std::move(at.calls)};
}

}  // namespace persona_runtime::rehearsal
