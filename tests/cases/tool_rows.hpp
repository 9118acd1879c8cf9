#pragma once
// Deviations that change recorded rows of tools and episodes alike in runs and in chats. Each
// answers how many rows it has changed.

#include <boost/json.hpp>

namespace persona_runtime::test {

/// D-8: a result names its call.
std::size_t named_results(const boost::json::object& scenario, boost::json::array& rows);

/// D-8: calls that never start are answered first, then the others start together, then their
/// results come in call order. Activities are numbered anew, by appearance.
std::size_t parallel_calls(const boost::json::object& scenario, boost::json::array& rows);

/// D-13: a result is neutral until an adapter sends it.
std::size_t neutral_results(const boost::json::object& scenario, boost::json::array& rows);

/// D-14: an episode is named by a ULID.
std::size_t episode_ids(const boost::json::object& scenario, boost::json::array& rows);

}  // namespace persona_runtime::test
