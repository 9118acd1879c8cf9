#include "tests/api/fake_backend.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

std::string numbered(std::string_view prefix, std::uint64_t number) {
  auto digits = std::to_string(number);
  return std::string{prefix} + std::string(6 - std::min<std::size_t>(6, digits.size()), '0')
         + digits;
}

failure no_run() {
  return {errc::run_not_found, "there is no such run"};
}

failure no_persona() {
  return {errc::persona_not_found, "there is no such persona"};
}

}  // namespace

class fake_backend::watch final : public run_watch {
public:
  watch(fake_backend& home, std::string run, std::uint64_t id)
    : home_{home}, run_{std::move(run)}, id_{id} {}
  ~watch() override { home_.forget(run_, id_); }
  void ack(event_seq next) override { home_.acknowledge(run_, next.value); }

private:
  fake_backend& home_;
  std::string run_;
  std::uint64_t id_;
};

void fake_backend::fail_with(std::optional<failure> f) {
  const auto lock = std::lock_guard{mutex_};
  failure_ = std::move(f);
}

void fake_backend::hold_starts() {
  const auto lock = std::lock_guard{mutex_};
  is_holding_ = true;
}

void fake_backend::release() {
  auto held = std::vector<std::function<void()>>{};
  {
    const auto lock = std::lock_guard{mutex_};
    is_holding_ = false;
    held.swap(held_);
  }
  for (const auto& call : held)
    call();
}

void fake_backend::not_ready(std::string reason) {
  const auto lock = std::lock_guard{mutex_};
  not_ready_ = std::move(reason);
}

run_id fake_backend::add_run(const std::string& owner, const std::string& task) {
  const auto lock = std::lock_guard{mutex_};
  const auto id = numbered("run_", next_id_++);
  auto& entry = runs_[id];
  entry.owner = owner;
  entry.task = task;
  entry.persona = "persona_1";
  entry.events.push_back(make_event(id, entry, "started", R"({"task":"t"})"));
  return {id};
}

void fake_backend::emit(const run_id& run, const std::string& type, const std::string& data) {
  auto event = run_event{};
  {
    const auto lock = std::lock_guard{mutex_};
    auto& entry = runs_.at(run.value);
    event = make_event(run.value, entry, type, data);
    entry.events.push_back(event);
    if (type == "asking_user") {
      entry.is_asking = true;
      entry.status = run_status::awaiting_user;
    }
  }
  for (const auto& viewer : viewers_of(run))
    viewer->on_events({&event, 1});
}

void fake_backend::emit_many(const run_id& run, std::size_t count, std::size_t bytes_each) {
  auto events = std::vector<run_event>{};
  {
    const auto lock = std::lock_guard{mutex_};
    auto& entry = runs_.at(run.value);
    const auto data = R"({"content":")" + std::string(bytes_each, 'x') + R"("})";
    for (auto i = std::size_t{0}; i < count; ++i) {
      events.push_back(make_event(run.value, entry, "tool_result", data));
      entry.events.push_back(events.back());
    }
  }
  for (const auto& viewer : viewers_of(run))
    viewer->on_events(events);
}

void fake_backend::delta(const run_id& run, std::uint32_t step, const std::string& data) {
  const auto text = shared_text{data};
  for (const auto& viewer : viewers_of(run))
    viewer->on_delta(step_index{step}, text);
}

void fake_backend::finish(const run_id& run, run_status status) {
  emit(run, "finished", R"({"status":")" + std::string{name_of(status)} + R"("})");
  {
    const auto lock = std::lock_guard{mutex_};
    runs_.at(run.value).status = status;
  }
  end_viewers(run, run_viewer::end::finished);
}

void fake_backend::end_viewers(const run_id& run, run_viewer::end why) {
  for (const auto& viewer : viewers_of(run))
    viewer->on_end(why);
}

run_request fake_backend::last_request() {
  const auto lock = std::lock_guard{mutex_};
  return last_request_;
}

std::string fake_backend::last_reason() {
  const auto lock = std::lock_guard{mutex_};
  return last_reason_;
}

std::string fake_backend::last_answer() {
  const auto lock = std::lock_guard{mutex_};
  return last_answer_;
}

std::size_t fake_backend::viewers(const run_id& run) {
  const auto lock = std::lock_guard{mutex_};
  return runs_.at(run.value).viewers.size();
}

std::uint64_t fake_backend::acked(const run_id& run) {
  const auto lock = std::lock_guard{mutex_};
  return runs_.at(run.value).acked;
}

bool fake_backend::wait_until(const std::function<bool()>& reached) {
  auto lock = std::unique_lock{mutex_};
  return changed_.wait_for(lock, std::chrono::seconds{5}, reached);
}

bool fake_backend::wait_for_viewers(const run_id& run, std::size_t count) {
  return wait_until([&] {
    const auto found = runs_.find(run.value);  // it may not have been started yet
    return found != runs_.end() && found->second.viewers.size() == count;
  });
}

bool fake_backend::wait_for_ack(const run_id& run, std::uint64_t next) {
  return wait_until([&] { return runs_.at(run.value).acked >= next; });
}

void fake_backend::start_run(const caller& who, run_request request, on_done<run_started> done) {
  {
    const auto lock = std::lock_guard{mutex_};
    if (is_holding_) {
      held_.push_back([this, who, request, done] { start_now(who, request, done); });
      changed_.notify_all();
      return;
    }
  }
  start_now(who, std::move(request), done);
}

void fake_backend::start_now(const caller& who, run_request request,
                             const on_done<run_started>& done) {
  auto answer = result<run_started>{failure{errc::internal_error, ""}};
  {
    const auto lock = std::lock_guard{mutex_};
    last_request_ = request;
    const auto known = keys_.find(request.idempotency_key);
    if (failure_) {
      answer = *failure_;
    } else if (!request.idempotency_key.empty() && known != keys_.end()) {
      const auto& [run, hash] = known->second;
      if (hash == request.request_hash) {
        answer = run_started{{run}, status_json(run, runs_.at(run))};
      } else {
        answer = failure{errc::idempotency_key_reused, "the key came with another body"};
      }
    } else {
      const auto id = numbered("run_", next_id_++);
      auto& entry = runs_[id];
      entry.owner = who.owner.value;
      entry.task = request.task;
      entry.persona = request.persona.value;
      entry.events.push_back(make_event(id, entry, "started", R"({"task":"t"})"));
      if (!request.idempotency_key.empty()) {
        keys_[request.idempotency_key] = {id, request.request_hash};
      }
      answer = run_started{{id}, status_json(id, entry)};
    }
  }
  changed_.notify_all();
  done(std::move(answer));
}

void fake_backend::show_run(const caller& who, const run_id& run, on_done<std::string> done) {
  auto answer = result<std::string>{no_run()};
  {
    const auto lock = std::lock_guard{mutex_};
    if (failure_)
      answer = *failure_;
    if (const auto* entry = failure_ ? nullptr : find(who, run)) {
      answer = status_json(run.value, *entry);
    }
  }
  done(std::move(answer));
}

void fake_backend::show_usage(const usage_filter& filter, on_done<std::string> done) {
  const auto owner = filter.owner ? filter.owner->value : "everybody";
  auto by = std::string{};
  by += filter.by_owner ? 'o' : '-';
  by += filter.by_persona ? 'p' : '-';
  by += filter.by_day ? 'd' : '-';
  by += filter.by_model ? 'm' : '-';
  done(R"({"owner":")" + owner + R"(","by":")" + by + R"("})");
}

void fake_backend::list_runs(const caller& who, const run_query& query, on_done<std::string> done) {
  auto items = std::string{};
  {
    const auto lock = std::lock_guard{mutex_};
    auto count = std::uint32_t{0};
    for (auto i = runs_.rbegin(); i != runs_.rend() && count < query.limit; ++i) {
      const auto& [id, entry] = *i;
      if (!who.admin && entry.owner != who.owner.value)
        continue;
      if (query.status && *query.status != entry.status)
        continue;
      items.append(items.empty() ? "" : ",").append(R"({"id":")" + id + R"("})");
      ++count;
    }
  }
  done(R"({"items":[)" + items + R"(],"next_cursor":null})");
}

void fake_backend::cancel_run(const caller& who, const run_id& run, std::string reason,
                              on_done<void> done) {
  auto is_live = false;
  auto is_known = false;
  {
    const auto lock = std::lock_guard{mutex_};
    const auto* entry = find(who, run);
    is_known = entry != nullptr;
    is_live = is_known && !is_terminal(entry->status);
    last_reason_ = std::move(reason);
  }
  if (!is_known) {
    done(no_run());
  } else if (!is_live) {
    done(failure{errc::run_not_active, "the run has ended"});
  } else {
    finish(run, run_status::cancelled);
    done({});
  }
}

void fake_backend::answer_run(const caller& who, const run_id& run, std::string answer,
                              std::optional<std::string> question_id, on_done<void> done) {
  auto answered = result<void>{};
  {
    const auto lock = std::lock_guard{mutex_};
    auto* entry = find(who, run);
    if (entry == nullptr) {
      answered = no_run();
    } else if (!entry->is_asking) {
      answered = failure{errc::not_awaiting_user, "nothing is asked"};
    } else {
      entry->is_asking = false;
      last_answer_ = answer + (question_id ? "@" + *question_id : "");
    }
  }
  done(answered);
}

void fake_backend::delete_run(const caller& who, const run_id& run, on_done<void> done) {
  auto deleted = result<void>{};
  {
    const auto lock = std::lock_guard{mutex_};
    const auto* entry = find(who, run);
    if (entry == nullptr) {
      deleted = no_run();
    } else if (!is_terminal(entry->status)) {
      deleted = failure{errc::run_active, "the run is live"};
    } else {
      runs_.erase(run.value);
    }
  }
  done(deleted);
}

void fake_backend::watch_run(const caller& who, const watch_request& request,
                             std::shared_ptr<run_viewer> viewer,
                             on_done<std::unique_ptr<run_watch>> done) {
  auto past = std::vector<run_event>{};
  auto end = std::optional<run_viewer::end>{};
  auto id = std::uint64_t{0};
  auto refused = std::optional<failure>{};
  {
    const auto lock = std::lock_guard{mutex_};
    refused = failure_;
    auto* entry = refused ? nullptr : find(who, request.run);
    if (entry == nullptr) {
      id = 0;
    } else {
      for (const auto& event : entry->events) {
        if (event.seq >= request.from)
          past.push_back(event);
      }
      if (is_terminal(entry->status)) {
        end = run_viewer::end::finished;
      } else if (!request.follow) {
        end = run_viewer::end::up_to_date;
      }
      id = next_id_++;
      entry->viewers.push_back({id, viewer});
    }
  }
  if (id == 0) {
    done(refused ? *refused : no_run());
    return;
  }
  if (!past.empty())
    viewer->on_events(past);
  if (end)
    viewer->on_end(*end);
  done(std::unique_ptr<run_watch>{std::make_unique<watch>(*this, request.run.value, id)});
  changed_.notify_all();
}

void fake_backend::create_persona(const caller& who, persona_input input,
                                  on_done<std::string> done) {
  if (input.yaml.find("identity") == std::string::npos) {
    done(failure{errc::validation_error,
                 R"([{"type":"missing","loc":["body","yaml","identity"],"msg":"is required"}])"});
    return;
  }
  auto id = std::string{};
  {
    const auto lock = std::lock_guard{mutex_};
    id = numbered("persona_", next_id_++);
    personas_[id] = {who.owner.value, input.yaml};
  }
  done(R"({"id":")" + id + R"("})");
}

void fake_backend::show_persona(const caller& who, const persona_id& id,
                                on_done<std::string> done) {
  auto answer = result<std::string>{no_persona()};
  {
    const auto lock = std::lock_guard{mutex_};
    const auto found = personas_.find(id.value);
    if (found != personas_.end() && (who.admin || found->second.first == who.owner.value)) {
      answer = R"({"id":")" + id.value + R"("})";
    }
  }
  done(std::move(answer));
}

void fake_backend::list_personas(const caller& who, std::uint32_t limit, std::uint64_t offset,
                                 on_done<std::string> done) {
  auto items = std::string{};
  {
    const auto lock = std::lock_guard{mutex_};
    for (auto i = personas_.rbegin(); i != personas_.rend() && limit > 0; ++i) {
      if (!who.admin && i->second.first != who.owner.value)
        continue;
      if (offset > 0) {
        --offset;
        continue;
      }
      --limit;
      items.append(items.empty() ? "" : ",").append(R"({"id":")" + i->first + R"("})");
    }
  }
  done("[" + items + "]");
}

void fake_backend::edit_persona(const caller& who, const persona_id& id, persona_edit edit,
                                on_done<std::string> done) {
  {
    const auto lock = std::lock_guard{mutex_};
    last_edit_ = std::move(edit);
  }
  show_persona(who, id, std::move(done));
}

void fake_backend::list_persona_skills(const caller& who, const persona_id& id,
                                       on_done<std::string> done) {
  show_persona(who, id, [done](result<std::string> shown) {
    if (shown)
      done(std::string{R"([{"name":"knots","consent":"none"}])"});
    else
      done(shown.error());
  });
}

persona_edit fake_backend::last_edit() {
  const auto lock = std::lock_guard{mutex_};
  return last_edit_;
}

void fake_backend::delete_persona(const caller& who, const persona_id& id, on_done<void> done) {
  auto deleted = result<void>{no_persona()};
  {
    const auto lock = std::lock_guard{mutex_};
    const auto found = personas_.find(id.value);
    if (found != personas_.end() && (who.admin || found->second.first == who.owner.value)) {
      personas_.erase(found);
      deleted = {};
    }
  }
  done(deleted);
}

std::string fake_backend::tools_json() const {
  return R"([{"name":"calculator","description":"Adds and so on."}])";
}

std::string fake_backend::skills_json() const {
  return R"([{"name":"knots","description":"Ties.","trust":"builtin","content_hash":"ab"}])";
}

void fake_backend::check_health(on_done<void> done) {
  auto health = result<void>{};
  {
    const auto lock = std::lock_guard{mutex_};
    if (failure_)
      health = *failure_;
  }
  done(health);
}

std::string fake_backend::not_ready_reason() const {
  const auto lock = std::lock_guard{mutex_};
  return not_ready_;
}

std::string fake_backend::metrics_text() const {
  return "persona_runs_live 0\n";
}

fake_backend::run_entry* fake_backend::find(const caller& who, const run_id& run) {
  const auto found = runs_.find(run.value);
  if (found == runs_.end() || (!who.admin && found->second.owner != who.owner.value)) {
    return nullptr;
  }
  return &found->second;
}

run_event fake_backend::make_event(const std::string& run, run_entry& entry,
                                   const std::string& type, const std::string& data) {
  const auto seq = entry.events.empty() ? 0 : entry.events.back().seq.value + 1;
  auto json = R"({"seq":)" + std::to_string(seq) + R"(,"run_id":")" + run + R"(","type":")" + type
              + R"(","step":0,"data":)" + data + R"(,"timestamp":"2026-01-01T00:00:00.000Z"})";
  const auto length = static_cast<std::uint32_t>(json.size());
  return {event_seq{seq}, shared_text{std::move(json)}, 0, length};
}

std::string fake_backend::status_json(const std::string& run, const run_entry& entry) {
  return R"({"id":")" + run + R"(","persona_id":")" + entry.persona + R"(","status":")"
         + std::string{name_of(entry.status)} + R"("})";
}

std::vector<std::shared_ptr<run_viewer>> fake_backend::viewers_of(const run_id& run) {
  const auto lock = std::lock_guard{mutex_};
  auto found = std::vector<std::shared_ptr<run_viewer>>{};
  for (const auto& entry : runs_.at(run.value).viewers)
    found.push_back(entry.viewer);
  return found;
}

void fake_backend::forget(const std::string& run, std::uint64_t viewer) {
  auto gone = std::shared_ptr<run_viewer>{};  // destroyed after the lock
  {
    const auto lock = std::lock_guard{mutex_};
    const auto entry = runs_.find(run);
    if (entry == runs_.end())
      return;
    auto& viewers = entry->second.viewers;
    const auto found = std::find_if(viewers.begin(), viewers.end(),
                                    [&](const viewer_entry& v) { return v.id == viewer; });
    if (found == viewers.end())
      return;
    gone = found->viewer;
    viewers.erase(found);
  }
  changed_.notify_all();
}

void fake_backend::acknowledge(const std::string& run, std::uint64_t next) {
  {
    const auto lock = std::lock_guard{mutex_};
    const auto entry = runs_.find(run);
    if (entry != runs_.end())
      entry->second.acked = std::max(entry->second.acked, next);
  }
  changed_.notify_all();
}

}  // namespace persona_runtime
