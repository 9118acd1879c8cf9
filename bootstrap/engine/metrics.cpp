#include "bootstrap/engine/metrics.hpp"

#include "domain/text/json_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace persona_runtime {
namespace {

struct metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  engine_counters::counter engine_counters::*value;
};

constexpr auto metrics = std::to_array<metric>({
  {"persona_runs_started_total", "counter", "Runs accepted.", &engine_counters::runs_started},
  {"persona_runs_resumed_total", "counter", "Runs taken up again after a crash or restart.",
   &engine_counters::runs_resumed},
  {"persona_run_crashes_total", "counter", "Crashes of run actors.", &engine_counters::run_crashes},
  {"persona_runs_live", "gauge", "Runs that are live.", &engine_counters::runs_live},
  {"persona_runs_queued", "gauge", "Runs that wait to begin.", &engine_counters::runs_queued},
  {"persona_steps_granted_total", "counter", "Model calls granted by the supervisor.",
   &engine_counters::steps_granted},
  {"persona_steps_refused_total", "counter", "Model calls refused for a budget.",
   &engine_counters::steps_refused},
  {"persona_model_calls_total", "counter", "Attempts sent to models.",
   &engine_counters::model_calls},
  {"persona_model_failures_total", "counter", "Attempts that failed.",
   &engine_counters::model_failures},
  {"persona_model_breaker_opened_total", "counter", "Models that were left alone for a while.",
   &engine_counters::models_opened},
  {"persona_model_breaker_closed_total", "counter", "Models that were back after that.",
   &engine_counters::models_closed},
  {"persona_model_hedges_total", "counter",
   "Second models that were asked beside one that did not begin to answer.",
   &engine_counters::hedges_started},
  {"persona_model_hedges_won_total", "counter", "Of those, how many gave the answer.",
   &engine_counters::hedges_won},
  {"persona_model_calls_open", "gauge", "Attempts in flight.", &engine_counters::model_calls_open},
  {"persona_tool_calls_total", "counter", "Tool calls begun.", &engine_counters::tool_calls},
  {"persona_tool_errors_total", "counter", "Tool calls that ended as an error.",
   &engine_counters::tool_errors},
  {"persona_tool_calls_open", "gauge", "Tool calls in flight.", &engine_counters::tool_calls_open},
  {"persona_memory_index_bytes", "gauge", "About what the indexes of memories take.",
   &engine_counters::memory_index_bytes},
  {"persona_journal_appends_total", "counter", "Appends committed.",
   &engine_counters::journal_appends},
  {"persona_journal_commits_total", "counter", "Commits.", &engine_counters::journal_commits},
  {"persona_journal_bytes_total", "counter", "Bytes of records committed.",
   &engine_counters::journal_bytes},
  {"persona_journal_failures_total", "counter", "Commits that failed and were tried again.",
   &engine_counters::journal_failures},
});

struct outcome {
  std::string_view status;
  engine_counters::counter engine_counters::*value;
};

constexpr auto outcomes = std::to_array<outcome>({
  {"completed", &engine_counters::runs_completed},
  {"cancelled", &engine_counters::runs_cancelled},
  {"max_steps_reached", &engine_counters::runs_max_steps},
  {"budget_exhausted", &engine_counters::runs_budget_exhausted},
  {"error", &engine_counters::runs_error},
});

void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

/// A label's value: the operator's names, which may hold anything.
std::string label_text(std::string_view text) {
  auto out = std::string{"\""};
  for (const auto c : text) {
    if (c == '\\' || c == '"')
      out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out += '"';
}

/// One line per tier and model; `amount` picks the number.
template <class Amount>
void by_model(std::string& out, std::string_view name, std::string_view help,
              const model_meter::pairs& all, Amount&& amount) {
  head(out, name, "counter", help);
  for (const auto& [whose, sums] : all) {
    out.append(name).append("{tier=").append(label_text(whose.first));
    out.append(",model=").append(label_text(whose.second)).append("} ");
    append_json_number(out, static_cast<double>(amount(sums)));
    out.append("\n");
  }
}

void append_models(std::string& out, const model_meter::pairs& all) {
  by_model(out, "persona_model_replies_total", "Attempts that models answered.", all,
           [](const auto& s) { return s.replies; });
  by_model(out, "persona_model_prompt_tokens_total", "Prompt tokens of those.", all,
           [](const auto& s) { return s.prompt_tokens; });
  by_model(out, "persona_model_completion_tokens_total", "Reply tokens of those.", all,
           [](const auto& s) { return s.completion_tokens; });
  by_model(out, "persona_model_cost_cents_total", "US cents of those whose price is known.", all,
           [](const auto& s) { return s.cents; });
  by_model(out, "persona_model_unpriced_total", "Of those, how many have no known price.", all,
           [](const auto& s) { return s.unpriced; });
  constexpr auto failures = std::string_view{"persona_model_errors_total"};
  head(out, failures, "counter", "Attempts that failed, by class of the error.");
  for (const auto& [whose, sums] : all) {
    for (const auto& [error, count] : sums.failures) {
      out.append(failures).append("{tier=").append(label_text(whose.first)).append(",model=");
      out.append(label_text(whose.second)).append(",error=").append(label_text(error)).append("} ");
      out.append(std::to_string(count)).append("\n");
    }
  }
}

void append_health(std::string& out, const health_by_label& all) {
  constexpr auto states = std::string_view{"persona_model_breaker_state"};
  head(out, states, "gauge",
       "0: calls pass; 1: it is left alone; 2: one call probes it; 3: its key was refused.");
  for (const auto& [model, seen] : all) {
    out.append(states).append("{model=").append(label_text(model)).append("} ");
    out.append(std::to_string(static_cast<int>(seen.state))).append("\n");
  }
  constexpr auto waiting = std::string_view{"persona_model_calls_waiting"};
  head(out, waiting, "gauge", "Calls that wait for a model: for its probe, a slot, or its key.");
  for (const auto& [model, seen] : all) {
    out.append(waiting).append("{model=").append(label_text(model)).append("} ");
    out.append(std::to_string(seen.waiting)).append("\n");
  }
}

}  // namespace

health_by_label health_by_model(const model_accounts& accounts) {
  constexpr auto models_max = std::size_t{1'000};
  auto all = health_by_label{};
  for (const auto& each : accounts.all()) {
    for (const auto& [model, signal] : each.account->all_signals()) {
      auto label = each.provider + '/' + model;
      if (all.size() >= models_max && !all.contains(label))
        continue;
      auto& seen = all[std::move(label)];
      seen.state = std::max(seen.state, signal->state());
      seen.waiting += signal->waiting();
    }
  }
  return all;
}

std::string metrics_text(const engine_counters& counters, const model_meter& models,
                         const health_by_label& health) {
  auto out = std::string{};
  for (const auto& m : metrics) {
    head(out, m.name, m.type, m.help);
    out.append(m.name).append(" ").append(std::to_string((counters.*m.value).load())).append("\n");
  }
  constexpr auto ended = std::string_view{"persona_runs_ended_total"};
  head(out, ended, "counter", "Runs that ended, by status.");
  for (const auto& o : outcomes) {
    out.append(ended).append("{status=\"").append(o.status).append("\"} ");
    out.append(std::to_string((counters.*o.value).load())).append("\n");
  }
  append_models(out, models.all());
  append_health(out, health);
  return out;
}

std::string not_ready_reason(const engine_counters& counters) {
  if (counters.draining)
    return "draining: the server is stopping";
  if (!counters.journal_available)
    return "journal_unavailable: the journal cannot be written; runs pause until it can";
  if (counters.resuming)
    return "resuming: runs that an earlier process left unfinished are being taken up";
  if (counters.full)
    return "overloaded: as many runs are live and queued as may be";
  return {};
}

}  // namespace persona_runtime
