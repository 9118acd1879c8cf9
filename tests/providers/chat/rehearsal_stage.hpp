#pragma once
// A run of the stand-in against small tools of its own: what it does, call by call.

#include "domain/text/markers.hpp"
#include "providers/chat/rehearsal/rehearse.hpp"
#include "tests/providers/chat/call_recorder.hpp"
#include "tests/providers/chat/toy_tools.hpp"

#include <map>
#include <string>
#include <vector>

namespace persona_runtime {

struct rehearsal_stage {
  std::map<std::string, std::string> files;
  std::vector<std::string> answers;    // what the user says when asked, in order
  std::vector<std::string> questions;  // what was asked
  std::vector<std::string> called;     // names of tools, in order
  std::string first_text;              // of the first reply
  std::vector<std::string> tools{"calculator", "datetime",    "file_write",
                                 "file_read",  "regex_match", "text_diff"};

  /// The output of the run; "no end" after 20 steps, "reasoning" when a reply is neither.
  std::string run(const std::string& task) {
    auto offered = std::make_shared<std::vector<tool_definition>>();
    for (const std::string& name : tools)
      offered->push_back({name, "", "{}", tool_effect::read_only, false, std::chrono::seconds{1}});
    chat_request request;
    request.tools = offered;
    request.context = {
      a_message(role::system, "You are Mira. Deliver with [FINAL], ask with [ASK_USER]."),
      a_message(role::user, task)};
    for (int step = 0; step < 20; ++step) {
      const rehearsal::reply reply = rehearsal::rehearse(request);
      if (step == 0)
        first_text = reply.text;
      message said;
      said.from = role::assistant;
      said.content = shared_text{reply.text};
      said.calls = reply.calls;
      request.context.push_back(std::make_shared<const message>(said));
      if (!reply.calls.empty()) {
        answer_calls(request, reply.calls);
        continue;
      }
      const reply_kind kind = classify_reply(reply.text);
      if (const auto* output = std::get_if<final_output>(&kind))
        return output->output;
      const auto* question = std::get_if<user_question>(&kind);
      if (question == nullptr)
        return "reasoning";
      questions.push_back(question->question);
      request.context.push_back(
        a_message(role::user, questions.size() <= answers.size()
                                ? answers[questions.size() - 1]
                                : "Nobody answers; use your own judgement."));
    }
    return "no end";
  }

private:
  void answer_calls(chat_request& request, const std::vector<tool_call>& calls) {
    for (const tool_call& call : calls) {
      called.push_back(call.name);
      const toy_answer answer = toy_tool(call, files);
      message m;
      m.from = role::tool;
      m.content = shared_text{answer.content};
      m.is_error = answer.is_error;
      m.call_id = call.call_id;
      m.tool_name = call.name;
      request.context.push_back(std::make_shared<const message>(m));
    }
  }
};

}  // namespace persona_runtime
