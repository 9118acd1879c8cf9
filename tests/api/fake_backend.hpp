#pragma once
// An engine in a few maps: behaves as backend.hpp promises, and lets a test decide what happens
// when. Answers at once, on the caller's thread; events come on the test's thread.

#include "api/backend.hpp"
#include "tests/api/fake_completions.hpp"
#include "tests/api/fake_memories.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace persona_runtime {

class fake_backend final : public backend {
public:
  fake_completions answers;
  fake_memories remembered;

  /// What the next calls fail with; none: they work.
  void fail_with(std::optional<failure> f);
  /// Calls of start_run are neither answered nor forgotten until `release`.
  void hold_starts();
  void release();
  void not_ready(std::string reason);

  /// A run of that owner, as if it had been started.
  run_id add_run(const std::string& owner, const std::string& task = "sort the mail");
  void emit(const run_id& run, const std::string& type, const std::string& data = "{}");
  /// Many events in one call of on_events.
  void emit_many(const run_id& run, std::size_t count, std::size_t bytes_each);
  void delta(const run_id& run, std::uint32_t step, const std::string& data);
  /// Emits `finished`, then on_end.
  void finish(const run_id& run, run_status status = run_status::completed);
  void end_viewers(const run_id& run, run_viewer::end why);

  /// What the last accepted request was.
  [[nodiscard]] run_request last_request();
  [[nodiscard]] persona_edit last_edit();
  [[nodiscard]] std::string last_reason();
  [[nodiscard]] std::string last_answer();
  [[nodiscard]] std::size_t viewers(const run_id& run);
  [[nodiscard]] std::uint64_t acked(const run_id& run);
  /// False when `reached` does not become true within 5 s. Called with the lock held.
  bool wait_until(const std::function<bool()>& reached);
  bool wait_for_viewers(const run_id& run, std::size_t count);
  bool wait_for_ack(const run_id& run, std::uint64_t next);

  // backend
  void start_run(const caller& who, run_request request, on_done<run_started> done) override;
  void show_run(const caller& who, const run_id& run, on_done<std::string> done) override;
  void show_usage(const usage_filter& filter, on_done<std::string> done) override;
  void list_runs(const caller& who, const run_query& query, on_done<std::string> done) override;
  void cancel_run(const caller& who, const run_id& run, std::string reason,
                  on_done<void> done) override;
  void answer_run(const caller& who, const run_id& run, std::string answer,
                  std::optional<std::string> question_id, on_done<void> done) override;
  void delete_run(const caller& who, const run_id& run, on_done<void> done) override;
  void watch_run(const caller& who, const watch_request& request,
                 std::shared_ptr<run_viewer> viewer,
                 on_done<std::unique_ptr<run_watch>> done) override;
  void create_persona(const caller& who, persona_input input, on_done<std::string> done) override;
  void show_persona(const caller& who, const persona_id& id, on_done<std::string> done) override;
  void list_personas(const caller& who, std::uint32_t limit, std::uint64_t offset,
                     on_done<std::string> done) override;
  void edit_persona(const caller& who, const persona_id& id, persona_edit edit,
                    on_done<std::string> done) override;
  void list_persona_skills(const caller& who, const persona_id& id,
                           on_done<std::string> done) override;
  void delete_persona(const caller& who, const persona_id& id, on_done<void> done) override;
  [[nodiscard]] completion_backend* completions() override { return &answers; }
  [[nodiscard]] memory_backend* memories() override { return &remembered; }
  [[nodiscard]] std::string tools_json() const override;
  [[nodiscard]] std::string skills_json() const override;
  void check_health(on_done<void> done) override;
  [[nodiscard]] std::string not_ready_reason() const override;
  [[nodiscard]] std::string metrics_text() const override;

private:
  struct viewer_entry {
    std::uint64_t id;
    std::shared_ptr<run_viewer> viewer;
  };
  struct run_entry {
    std::string owner;
    std::string task;
    std::string persona;
    run_status status = run_status::running;
    std::vector<run_event> events;
    std::vector<viewer_entry> viewers;
    std::uint64_t acked = 0;
    bool is_asking = false;
  };
  class watch;

  run_entry* find(const caller& who, const run_id& run);
  run_event make_event(const std::string& run, run_entry& entry, const std::string& type,
                       const std::string& data);
  static std::string status_json(const std::string& run, const run_entry& entry);
  std::vector<std::shared_ptr<run_viewer>> viewers_of(const run_id& run);
  void forget(const std::string& run, std::uint64_t viewer);
  void acknowledge(const std::string& run, std::uint64_t next);
  void start_now(const caller& who, run_request request, const on_done<run_started>& done);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, run_entry> runs_;  // ids grow, so the last is the newest
  std::map<std::string, std::pair<std::string, std::string>> personas_;  // id: owner, yaml
  std::map<std::string, std::pair<std::string, std::string>> keys_;      // key: run, hash
  std::optional<failure> failure_;
  std::vector<std::function<void()>> held_;
  bool is_holding_ = false;
  std::string not_ready_;
  run_request last_request_;
  persona_edit last_edit_;
  std::string last_reason_;
  std::string last_answer_;
  std::uint64_t next_id_ = 1;
};

}  // namespace persona_runtime
