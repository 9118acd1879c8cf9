#pragma once
// Every table by which a message or an answer is judged, read from one file of config/routing/:
// `reference.yaml` holds what the recorded rows were made with, `default.yaml` what is shipped.

#include "domain/conversation/ambiguity.hpp"
#include "domain/conversation/refusal.hpp"
#include "domain/conversation/task_detector.hpp"
#include "domain/tier/routing/message_signals.hpp"
#include "domain/yaml/problem.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// Immutable once read; any thread may use it.
struct message_tables {
  signal_table signals;
  ambiguity_table ambiguity;
  task_table tasks;
  refusal_table refusals;
};

using message_tables_ptr = std::shared_ptr<const message_tables>;

/// docs/routing.md describes the file. Everything that is wrong with it is answered, by line. At
/// most 256 KiB.
[[nodiscard]] boost::system::result<message_tables, std::vector<problem>>
parse_message_tables(std::string_view yaml);

}  // namespace persona_runtime
