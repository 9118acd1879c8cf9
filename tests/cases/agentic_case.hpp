#pragma once
// Plays a recorded scenario against the real actors on virtual time, and writes down what happened
// in the form of the recorded rows.
//
// The scenario's models, tools and user are its own: a tool that raises answers "Type: message" as
// the recorded one's wrapper did, and arguments are checked by `check_arguments` unless the tool
// is `raw`. All calls of a step are answered in call order, those with a delay behind the others. A
// script that is used up answers "[FINAL] The script is used up."

#include "domain/run/view.hpp"

#include <boost/json.hpp>

namespace persona_runtime::test {

struct played_case {
  boost::json::array rows;
  usage_view usage;      // as the run's view has it
  token_usage answered;  // what the models said that their answers took
  std::string floor;     // the system message, with labels
};

/// `first_tokens`: what the recorded first request took. Throws when the scenario needs what it
/// has not got, or never ends.
[[nodiscard]] played_case play_agentic(const boost::json::object& scenario,
                                       std::uint64_t first_tokens);

}  // namespace persona_runtime::test
