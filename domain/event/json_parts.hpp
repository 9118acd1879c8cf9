#pragma once
// The JSON of values that stand in more than one place: records, setups, the status of a run.

#include "domain/run/record.hpp"
#include "domain/text/json_text.hpp"

#include <string>

namespace persona_runtime {

/// {"name","args","call_id","truncated"}: a call in a step.
void append_call(std::string& out, const tool_call& call);

/// {"workspace_path","mime_type","size_bytes","rendered_inline","ai_generated"}
void append_artifact(std::string& out, const artifact& a);

/// {"tool_name","content","call_id","is_error","metadata","data","truncated","artifacts"}
void append_result(std::string& out, const tool_result& r);

/// [alone, followed]
void append_size(std::string& out, message_size size);

/// Optional fields: nothing is added when there is nothing to say.
void add_thinking(json_writer& o, const sealed_thinking& thinking);
void add_cached(json_writer& o, const token_usage& usage);

/// {"max_steps","max_tokens","max_cost_cents","deadline_s"}
void append_limits(std::string& out, const run_limits& limits);

/// {name: text, …}
void append_text_map(std::string& out, const std::map<std::string, std::string>& texts);

void append_text_list(std::string& out, const std::vector<std::string>& texts);

}  // namespace persona_runtime
