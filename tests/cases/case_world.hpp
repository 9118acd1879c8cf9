#pragma once
// From a scenario to the world that it plays in.

#include "tests/cases/case_prompts.hpp"
#include "tests/cases/recorded_stores.hpp"
#include "tests/support/world.hpp"

#include <boost/json.hpp>

namespace persona_runtime::test {

/// A model call as its provider got it; the n-th is the n-th call at the world's desk.
struct served_call {
  std::string tier;
  model_entry model;
};

/// The scenario's stores, and the rows of what they were asked since somebody looked.
struct seen_stores {
  explicit seen_stores(const boost::json::object& scenario) : stores{scenario} {}
  recorded_stores stores;
  boost::json::array rows;
};

struct scenario_parts {
  world_options options;
  std::shared_ptr<seen_stores> stores;
  case_prompts prompts;
  std::shared_ptr<std::vector<served_call>> served = std::make_shared<std::vector<served_call>>();
};

/// Windows are set so that the context budget of a tier is the recorded one.
[[nodiscard]] scenario_parts parts_of(const boost::json::object& scenario,
                                      std::uint64_t first_tokens);

/// The script of a chain's member; null when the tier is none.
[[nodiscard]] const boost::json::array* chain_script(const boost::json::object& scenario,
                                                     const served_call& call);

}  // namespace persona_runtime::test
