#pragma once
// What the files that make up the supervisor share; nobody else needs it.

#include "actors/supervisor_actor.hpp"
#include "messages/house_rules.hpp"

namespace persona_runtime::supervising {

using supervisor_self = supervisor_actor::stateful_pointer<supervisor_life>;

inline constexpr auto log_name = std::string_view{"runs"};

/// A run is a session: its account goes by the caps that its persona has now.
void open_spending(supervisor_self self, const run_id& run, const run_spec& spec);

/// A run's seat; null when it has none.
[[nodiscard]] run_seat* find_seat(supervisor_self self, const run_id& run);

void show_gauges(supervisor_self self);

/// Notes whether a granted step is under way; the last one answers a drain.
void set_busy(supervisor_self self, run_seat& seat, bool now);

/// Spawns the next incarnation from what the seat holds, and tells it what it has missed.
void spawn_run(supervisor_self self, const run_id& run);

/// Spawns queued runs as far as there is room.
void begin_queued(supervisor_self self);

/// A run's last word: answers those who wait for it, and gives its seat away.
void end_run(supervisor_self self, const run_ended& end);

/// Gives a seat away whose run did not end here; those who wait for it are told `why`.
void drop_seat(supervisor_self self, const run_id& run, const failure& why);

/// Nobody is there any more to take the answers that were handed to this run's actor.
void refuse_answers(supervisor_self self, const run_id& run, const failure& why);

void on_down(supervisor_self self, const caf::down_msg& down);

/// Reads a run behind whatever was sent to the journal before, so that nothing of it is missed,
/// and goes on with it.
void reload_run(supervisor_self self, const run_id& run);

/// Takes up the unfinished runs of earlier processes, a page at a time, from this acceptance
/// number on.
void resume_page_from(supervisor_self self, std::uint64_t from);

}  // namespace persona_runtime::supervising
