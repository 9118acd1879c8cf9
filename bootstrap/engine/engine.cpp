#include "bootstrap/engine.hpp"

#include "api/edge/edge_backend.hpp"
#include "bootstrap/data_files.hpp"
#include "bootstrap/engine/chat_setups.hpp"
#include "bootstrap/engine/metrics.hpp"
#include "bootstrap/engine/persona_setups.hpp"
#include "bootstrap/engine/quiet_scheduler.hpp"
#include "bootstrap/engine/wiring.hpp"
#include "bootstrap/random_bytes.hpp"
#include "bootstrap/utc_now.hpp"
#include "domain/text/json_text.hpp"
#include "domain/text/ulid.hpp"
#include "domain/tool/summarize.hpp"
#include "domain/tool/toolbox.hpp"
#include "messages/house_rules.hpp"
#include "messages/table.hpp"
#include "providers/chat/first_tokens.hpp"
#include "providers/store/memory_store.hpp"

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <future>
#include <mutex>
#include <random>
#include <thread>
#include <unistd.h>
#include <utility>

namespace persona_runtime {
namespace {

/// Milliseconds on a clock that only goes on.
double steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

/// CAF's defaults starve: `stealing` is LIFO, and a flooded actor may keep its worker for ever.
struct system_config : caf::actor_system_config {
  explicit system_config(std::size_t workers) {
    const auto cores = std::max(1u, std::thread::hardware_concurrency());
    module_factories.emplace_back([](caf::actor_system& sys) -> caf::actor_system::module* {
      return new quiet_scheduler{sys};
    });
    set("scheduler.max-throughput", std::size_t{50});
    set("scheduler.max-threads", workers == 0 ? std::size_t{cores} : workers);
    announce_messages(*this);
  }
};

double uniform_chance() {
  thread_local auto random = std::mt19937_64{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(random);
}

std::string fresh_ulid() {
  return ulid(utc_now(), random_bytes());
}

/// The tools with a body, and text_summarize, which a model carries out.
std::vector<tool_definition> registered_tools(const engine_parts& parts) {
  auto out = std::vector<tool_definition>{};
  for (const auto& tool : parts.tools)
    out.push_back(tool->definition());
  if (!parts.tiers.empty())
    out.push_back(text_summarize_definition());
  return out;
}

result<void> check_tiers(const std::vector<engine_tier>& tiers) {
  for (const auto& tier : tiers) {
    if (tier.members.empty())
      return failure{errc::validation_error, "tier " + tier.name + " has no models"};
  }
  return {};
}

result<void> check_parts(const engine_parts& parts) {
  if (auto made = toolbox::make(registered_tools(parts), std::nullopt); !made)
    return made.error();
  return check_tiers(parts.tiers);
}

/// Their models write down in `book` how long they take; null: nobody does.
std::vector<wiring_tier> wiring_tiers(const std::vector<engine_tier>& tiers,
                                      const std::shared_ptr<first_token_book>& book = nullptr) {
  auto out = std::vector<wiring_tier>{};
  for (const auto& tier : tiers) {
    auto& made = out.emplace_back(wiring_tier{tier.name, {}, tier.metadata, tier.hedges});
    for (const auto& m : tier.members) {
      auto model =
        book == nullptr ? m.provider : timed(m.provider, m.facts.label(), book, steady_ms);
      made.members.push_back({m.facts, std::move(model), m.timeouts, m.account});
    }
  }
  return out;
}

std::string tools_json(const std::vector<tool_definition>& tools) {
  auto out = std::string{};
  append_json_list(out, tools, [](std::string& to, const tool_definition& tool) {
    auto o = json_writer{to};
    o.text("name", tool.name).text("description", tool.description).close();
  });
  return out;
}

std::string skills_json(const shelf_ptr& shelf) {
  auto out = std::string{};
  const auto skills = shelf == nullptr ? skill_list{} : all_skills(*shelf);
  append_json_list(out, skills, [](std::string& to, const skill_ptr& s) {
    auto o = json_writer{to};
    o.text("name", s->name).text("description", s->description).text("trust", name_of(s->trust));
    o.text("content_hash", s->content_hash).close();
  });
  return out;
}

/// A name as one path component: nothing in it can lead elsewhere.
std::string as_folder(std::string_view name) {
  auto out = std::string{};
  for (const auto c : name) {
    const auto plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                       || c == '-' || c == '_';
    if (plain) {
      out += c;
    } else {
      constexpr auto hex = std::string_view{"0123456789ABCDEF"};
      out += '%';
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out.empty() ? "%" : out;
}

std::function<std::string(const owner_id&, const persona_id&)>
workspaces_below(const engine_options& options) {
  const auto root = std::filesystem::absolute(options.workspaces);
  if (options.shares_workspace)
    return [root](const owner_id&, const persona_id&) { return root.string(); };
  return [root](const owner_id& owner, const persona_id& persona) {
    return (root / as_folder(owner.value) / as_folder(persona.value)).string();
  };
}

const caller local_user{{"local-owner"}, true};

/// Waits for the answer of a call of backend.
template <class T, class Start>
result<T> wait_for(Start&& start) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto future = promise->get_future();
  start([promise](result<T> answer) { promise->set_value(std::move(answer)); });
  if (future.wait_for(std::chrono::seconds{10}) != std::future_status::ready)
    return failure{errc::internal_error, "the engine did not answer within 10 s"};
  return future.get();
}

/// Hands events from the engine's threads to the one that waits.
class event_queue final : public run_viewer {
public:
  void on_events(std::span<const run_event> events) override {
    const auto lock = std::lock_guard{mutex_};
    events_.insert(events_.end(), events.begin(), events.end());
    ready_.notify_one();
  }
  void on_delta(step_index, const shared_text&) override {}
  void on_end(end why) override {
    const auto lock = std::lock_guard{mutex_};
    end_ = why;
    ready_.notify_one();
  }

  /// The next event; none: it is over.
  std::optional<run_event> next() {
    auto lock = std::unique_lock{mutex_};
    ready_.wait(lock, [this] { return !events_.empty() || end_; });
    if (events_.empty())
      return std::nullopt;
    auto event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  [[nodiscard]] std::optional<end> ended() {
    const auto lock = std::lock_guard{mutex_};
    return end_;
  }

private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<run_event> events_;  // bounded by what may be unacknowledged
  std::optional<end> end_;
};

/// What the engine knew is in the journal; a new process takes it up from there.
[[noreturn]] void end_process(const std::string& service, const std::string& why) {
  const auto text = "persona: the actor " + service + " has crashed (" + why
                    + "); start again, the journal has everything\n";
  static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()));
  std::_Exit(1);
}

}  // namespace

struct engine::impl {
  system_config config;
  caf::actor_system sys{config};
  wiring actors;  // handles go before the system does
  std::unique_ptr<edge_backend> service;
  std::shared_ptr<late_memory_keeper> memory;
  std::shared_ptr<first_token_book> first_tokens = std::make_shared<first_token_book>();

  explicit impl(std::size_t workers) : config{workers} {}

  void start(const engine_parts& parts, const engine_options& options, tokenizer_ptr counter,
             prompt_texts texts, chat_data chat_files);
};

void engine::impl::start(const engine_parts& parts, const engine_options& options,
                         tokenizer_ptr counter, prompt_texts texts, chat_data chat_files) {
  auto chat = chat_parts{counter, texts, chat_files.texts, chat_files.tables, {}, nullptr, {}};
  chat.retries_refusals = options.retries_refusals;
  chat.routing = {options.router, options.force_frontier, options.shadows_router, steady_ms};
  chat.traits = std::make_shared<const model_traits_table>(parts.traits);
  chat.measured = [book = first_tokens](std::string_view label) {
    return book->estimate_ms(label);
  };
  auto setup = setup_parts{};
  setup.counter = counter;
  setup.texts = std::move(texts);
  setup.tools = registered_tools(parts);
  chat.tools = setup.tools;
  chat.skills = parts.skills;
  setup.skills = parts.skills;
  setup.new_persona_id = [] { return "persona_" + fresh_ulid(); };
  setup.new_ulid = [] { return fresh_ulid(); };
  setup.now = utc_now;
  setup.adds_safety_constraint = options.adds_safety_constraint;

  auto wired = wiring_options{};
  wired.edges = options.edges;
  wired.memories = 1;
  wired.running_tools_max = options.running_tools_max;
  wired.supervisor.runs_live_max = options.runs_live_max;
  wired.supervisor.runs_queued_max = options.runs_queued_max;
  wired.supervisor.question_timeout = options.question_timeout;
  wired.walk = options.walk;
  wired.gate.calls_max = options.model_calls_max;
  wired.gate.waiting_max = options.model_calls_queued_max;
  wired.gate.patience = options.walk.only_model_wait_max;
  wired.log = options.log;
  wired.now = utc_now;
  wired.chance = uniform_chance;
  wired.on_crash = end_process;
  wired.workspace_of = workspaces_below(options);
  auto personas = make_persona_rules(std::move(setup));
  personas.open_workspace = [path_of = wired.workspace_of](const owner_id& owner,
                                                           const persona_id& persona) {
    auto failed = std::error_code{};  // a tool that cannot use it says so
    std::filesystem::create_directories(path_of(owner, persona), failed);
  };
  memory = parts.memory;
  actors = wire(sys,
                {wiring_tiers(parts.tiers, first_tokens), parts.tools,
                 parts.store ? parts.store : std::shared_ptr<journal_store>{make_memory_store()},
                 counter, std::move(personas), std::make_shared<const chat_parts>(std::move(chat)),
                 parts.embeds, parts.memory, parts.turn_logs},
                wired);
  auto services = edge_services{};
  services.completions = actors.completions;
  services.defaults = {options.max_steps, options.max_tokens, options.max_cost_cents,
                       options.deadline_s, options.force_frontier};
  services.tiers = [board = actors.board] { return board->now(); };
  services.new_run_id = [] { return run_id{"run_" + fresh_ulid()}; };
  services.tools_json = tools_json(registered_tools(parts));
  services.skills_json = skills_json(parts.skills);
  services.not_ready_reason = [counters = actors.counters] { return not_ready_reason(*counters); };
  services.metrics_text = [counters = actors.counters, meter = actors.meter,
                           accounts = actors.accounts] {
    return metrics_text(*counters, *meter, health_by_model(*accounts));
  };
  services.conversations.new_ulid = [] { return fresh_ulid(); };
  services.conversations.new_nonce = [] { return fresh_nonce(); };
  services.conversations.now = utc_now;
  services.conversations.turn_limits.max_tokens = options.max_tokens;
  services.conversations.turn_limits.max_cost_cents = options.max_cost_cents;
  service = std::make_unique<edge_backend>(actors.edges, std::move(services));
  actors.counters->resuming = true;  // before anybody can ask; the supervisor says when it is over
  caf::anon_send(actors.supervisor, resume_all{});
  caf::anon_send(actors.conversations, end_old_turns{});
}

engine::engine(std::unique_ptr<impl> made) : impl_{std::move(made)} {
}

result<std::unique_ptr<engine>> engine::make(engine_parts parts, engine_options options) {
  if (const auto fine = check_parts(parts); !fine)
    return fine.error();
  auto folder = options.data_files;
  if (folder.empty()) {
    const auto* share = std::getenv("PERSONA_SHARE");
    auto found = find_data_folder(share == nullptr ? "" : share,
                                  std::filesystem::read_symlink("/proc/self/exe"));
    if (!found)
      return found.error();
    folder = found->path;
  }
  auto counter = load_tokenizer(folder);
  if (!counter)
    return counter.error();
  auto texts = load_prompts(folder);
  if (!texts)
    return texts.error();
  auto chat = load_chat_data(folder);
  if (!chat)
    return chat.error();
  auto made = std::make_unique<impl>(options.workers);
  for (auto& post : options.lent_threads)
    static_cast<quiet_scheduler&>(made->sys.scheduler()).borrow(std::move(post));
  made->start(parts, options, *counter, std::move(*texts), std::move(*chat));
  return std::unique_ptr<engine>{new engine{std::move(made)}};
}

engine::~engine() {
  if (impl_->memory != nullptr)
    impl_->memory->connect(nullptr);
  impl_->actors.stop();
}

result<persona_id> engine::add_persona(std::string yaml) {
  auto detail = wait_for<std::string>([&](auto done) {
    impl_->service->create_persona(local_user, {std::move(yaml), {}}, std::move(done));
  });
  if (!detail)
    return detail.error();
  constexpr auto key = std::string_view{"{\"id\":\""};
  const auto end = detail->find('"', key.size());
  return persona_id{detail->substr(key.size(), end - key.size())};
}

result<kept_persona> engine::keep_persona(const persona_id& id, const owner_id& owner,
                                          std::string yaml) {
  return wait_for<kept_persona>(
    [&](auto done) { impl_->service->keep_persona(id, owner, std::move(yaml), std::move(done)); });
}

result<run_id> engine::start(run_request request) {
  auto started = wait_for<run_started>(
    [&](auto done) { impl_->service->start_run(local_user, std::move(request), std::move(done)); });
  if (!started)
    return started.error();
  return started->run;
}

result<run_status> engine::follow(const run_id& run, event_seq from, const on_event& each) {
  auto viewer = std::make_shared<event_queue>();
  auto watch = std::make_shared<std::promise<result<std::unique_ptr<run_watch>>>>();
  auto watching = watch->get_future();
  impl_->service->watch_run(local_user, {run, from, true, false}, viewer,
                            [watch](auto answer) { watch->set_value(std::move(answer)); });
  auto held = watching.get();
  if (!held)
    return held.error();
  auto status = run_status::running;
  while (const auto event = viewer->next()) {
    if (event->type() == "finished") {
      for (auto s = run_status::completed; s <= run_status::error;
           s = static_cast<run_status>(static_cast<int>(s) + 1)) {
        if (event->json().find("\"status\":\"" + std::string{name_of(s)} + '"')
            != std::string_view::npos)
          status = s;
      }
    }
    const auto goes_on = each(*event);
    (*held)->ack({event->seq.value + 1});
    if (!goes_on)
      return status;
  }
  if (!is_terminal(status) && viewer->ended() != run_viewer::end::finished)
    return failure{errc::journal_unavailable, "the events cannot be read further"};
  return status;
}

result<std::string> engine::show(const run_id& run) {
  return wait_for<std::string>(
    [&](auto done) { impl_->service->show_run(local_user, run, std::move(done)); });
}

result<void> engine::answer(const run_id& run, std::string text) {
  return wait_for<void>([&](auto done) {
    impl_->service->answer_run(local_user, run, std::move(text), std::nullopt, std::move(done));
  });
}

result<void> engine::cancel(const run_id& run, std::string reason) {
  return wait_for<void>([&](auto done) {
    impl_->service->cancel_run(local_user, run, std::move(reason), std::move(done));
  });
}

result<void> engine::use_tiers(const std::vector<engine_tier>& tiers) {
  if (auto fine = check_tiers(tiers); !fine)
    return fine.error();
  impl_->actors.use_tiers(wiring_tiers(tiers, impl_->first_tokens));
  return {};
}

bool engine::drain(std::chrono::milliseconds limit) {
  auto self = caf::scoped_actor{impl_->sys};
  auto drained = false;
  // Both at once: the limit is one.
  auto runs = self->request(impl_->actors.supervisor, limit, persona_runtime::drain{});
  auto turns = self->request(impl_->actors.conversations, limit, persona_runtime::drain{});
  auto completions = self->request(impl_->actors.completions, limit, persona_runtime::drain{});
  auto turns_drained = false;
  auto completions_drained = false;
  runs.receive([&](const done&) { drained = true; }, [](const caf::error&) {});
  turns.receive([&](const done&) { turns_drained = true; }, [](const caf::error&) {});
  completions.receive([&](const done&) { completions_drained = true; }, [](const caf::error&) {});
  drained = drained && turns_drained && completions_drained;
  // What the runs wrote down last is on its way: behind it comes this.
  self->request(impl_->actors.journal, std::chrono::seconds{5}, settle_appends{})
    .receive([](const done&) {}, [&](const caf::error&) { drained = false; });
  return drained;
}

backend& engine::service() {
  return *impl_->service;
}

}  // namespace persona_runtime
