#include "actors/run_actor.hpp"

namespace persona_runtime {

result<void> replay(const loaded_run& past, run_state& state, run_view& view, usage_meter& meter) {
  state.setup = past.setup;
  for (const auto& append : past.journal) {
    auto records = decode_body(append.body.view());
    if (!records)
      return records.error();
    for (const auto& r : *records) {
      ::persona_runtime::apply(state, r.body);
      view.apply(r.body, r.at);
      meter.note(r.body);
    }
    state.life = std::max(state.life, append.life);
  }
  meter.forget();  // it was counted when it was written
  return {};
}

run_row row_of(const run_state& state, const run_view& view) {
  auto row = run_row{};
  row.run = state.run;
  row.owner = state.spec->owner;
  row.persona = state.spec->persona;
  row.status = state.status;
  row.started_at = view.started_at;
  row.finished_at = view.finished_at;
  row.summary = shared_text{to_json(view, false)};
  return row;
}

}  // namespace persona_runtime
