#pragma once
// What the HTTP edge asks of the engine. Implemented by the edge actor, by fakes in tests.
// Answers are JSON texts where the HTTP answer is that text, so nothing is built twice.

#include "domain/budget/usage.hpp"
#include "domain/event/run_event.hpp"
#include "domain/failure.hpp"
#include "domain/ids.hpp"
#include "domain/run/status.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace persona_runtime {

/// Who asks. Without keys: the owner "local-owner" as admin.
struct caller {
  owner_id owner;
  bool admin = false;  // sees all owners
};

/// A validated request for a run. Ranges are checked; whether the persona exists is not.
struct run_request {
  persona_id persona;
  std::string task;  // UTF-8, 1..65'536 bytes
  std::optional<std::uint32_t> max_steps{};
  std::optional<std::uint64_t> max_tokens{};
  std::optional<double> max_cost_cents{};
  std::optional<double> deadline_s{};
  bool ask_user = true;
  std::string metadata;         // text of a JSON object, or empty
  std::string idempotency_key;  // empty: none
  std::string request_hash;     // SHA-256 hex of the body, when there is a key
};

struct run_started {
  run_id run;
  std::string status_json;  // RunStatus
};

struct run_query {
  std::optional<persona_id> persona;
  std::optional<run_status> status;
  std::optional<std::uint64_t> before;  // cursor: acceptance number
  std::uint32_t limit = 50;             // 1..200
};

/// A watcher of one run. Called on engine threads, one call at a time, quickly: it must post to
/// its own thread. After on_end nothing follows.
class run_viewer {
public:
  enum class end : std::uint8_t {
    finished,     // the `finished` event was delivered, or lies before the cursor
    up_to_date,   // until=now: everything there is was delivered
    cut_off,      // it was up to date and stopped reading
    unavailable,  // the journal cannot be read
    shut_down,    // the server stops
  };
  virtual ~run_viewer() = default;
  virtual void on_events(std::span<const run_event> events) = 0;
  /// Live text of step `step`; `data_json` is the `data` of a `delta` event.
  virtual void on_delta(step_index step, const shared_text& data_json) = 0;
  virtual void on_end(end why) = 0;
};

/// Held by whoever watches; destroying it ends the watching (late callbacks may still come).
class run_watch {
public:
  virtual ~run_watch() = default;
  /// Everything before `next` has left for the client: makes room for more. How many events may
  /// be under way unacknowledged is the implementer's bound; the edge holds that many.
  virtual void ack(event_seq next) = 0;
};

struct watch_request {
  run_id run;
  event_seq from;         // first seq wanted
  bool follow = true;     // false: end with up_to_date instead of waiting
  bool live_text = true;  // deliver deltas
};

struct persona_input {
  std::string yaml;
  std::optional<std::string> avatar_url{};  // at most 2'048 bytes
};

/// What is to change in a stored persona; none: stays.
struct persona_edit {
  std::optional<std::string> yaml{};  // the whole document
  std::optional<std::string> avatar_url{};
  std::optional<std::string> tool{};             // one more that it may use
  std::optional<std::optional<bool>> consent{};  // to automatic dispatch; inside none: taken back
  struct skill_answer {
    std::string skill;
    std::string content_hash;       // the consent is for this content and no other
    std::optional<bool> granted{};  // none: taken back
  };
  std::optional<skill_answer> skill_consent{};
};

/// What became of a persona that is kept in a file.
enum class kept_persona : std::uint8_t { unchanged, added, updated };

class completion_backend;
class conversation_backend;
class memory_backend;

/// Thread-safe. Every function returns at once; `done` is called exactly once, on any thread,
/// within 10 s (then with internal_error or journal_unavailable). Runs and personas of other
/// owners do not exist for a caller who is no admin.
class backend {
public:
  template <class T>
  using on_done = std::function<void(result<T>)>;

  virtual ~backend() = default;

  virtual void start_run(const caller& who, run_request request, on_done<run_started> done) = 0;
  /// RunStatus with steps, as contract §4.
  virtual void show_run(const caller& who, const run_id& run, on_done<std::string> done) = 0;
  /// {"items": [...], "next_cursor": ...}
  virtual void list_runs(const caller& who, const run_query& query, on_done<std::string> done) = 0;
  /// Answered when the cancellation is durable.
  virtual void cancel_run(const caller& who, const run_id& run, std::string reason,
                          on_done<void> done) = 0;
  virtual void answer_run(const caller& who, const run_id& run, std::string answer,
                          std::optional<std::string> question_id, on_done<void> done) = 0;
  virtual void delete_run(const caller& who, const run_id& run, on_done<void> done) = 0;
  /// Fails with run_not_found, overloaded (too many viewers). A cursor at or behind `finished` of
  /// an ended run gives on_end(finished) at once.
  virtual void watch_run(const caller& who, const watch_request& request,
                         std::shared_ptr<run_viewer> viewer,
                         on_done<std::unique_ptr<run_watch>> done) = 0;

  /// PersonaDetail. Fails with validation_error; its detail is then a JSON list when it begins
  /// with '['.
  virtual void create_persona(const caller& who, persona_input input,
                              on_done<std::string> done) = 0;
  virtual void show_persona(const caller& who, const persona_id& id, on_done<std::string> done) = 0;
  /// JSON list of PersonaSummary.
  virtual void list_personas(const caller& who, std::uint32_t limit, std::uint64_t offset,
                             on_done<std::string> done) = 0;
  /// PersonaDetail. All or nothing; runs under way go on with what they began with. Fails with
  /// persona_not_found, validation_error (as create_persona; also a tool or a
  /// skill that is not there, or a skill whose content is another one).
  virtual void edit_persona(const caller& who, const persona_id& id, persona_edit edit,
                            on_done<std::string> done) = 0;
  virtual void delete_persona(const caller& who, const persona_id& id, on_done<void> done) = 0;
  /// JSON list of the skills that a persona has: {name, description, trust, source, content_hash,
  /// consent}, the last one of not_needed, granted, refused, none.
  virtual void list_persona_skills(const caller& who, const persona_id& id,
                                   on_done<std::string> done) = 0;

  /// {"items": […], "total": {…}, "next_offset"}; whose usage `filter` may ask for is the caller's
  /// of this to see to.
  virtual void show_usage(const usage_filter& filter, on_done<std::string> done) = 0;

  /// The same for conversations; null where there are none.
  [[nodiscard]] virtual conversation_backend* conversations() { return nullptr; }
  /// Likewise for completions.
  [[nodiscard]] virtual completion_backend* completions() { return nullptr; }
  /// Likewise for what personas remember.
  [[nodiscard]] virtual memory_backend* memories() { return nullptr; }

  /// JSON list of {name, description}.
  [[nodiscard]] virtual std::string tools_json() const = 0;
  /// JSON list of {name, description, trust, content_hash}, by name.
  [[nodiscard]] virtual std::string skills_json() const = 0;
  /// Is the journal answering? For /healthz.
  virtual void check_health(on_done<void> done) = 0;
  /// Empty when work is accepted, else why not. For /readyz; reads counters only.
  [[nodiscard]] virtual std::string not_ready_reason() const = 0;
  /// Prometheus text of the engine; the HTTP edge adds its own.
  [[nodiscard]] virtual std::string metrics_text() const = 0;
};

}  // namespace persona_runtime
