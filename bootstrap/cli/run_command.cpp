#include "bootstrap/cli/run_command.hpp"

#include "bootstrap/assembly/assembly.hpp"
#include "bootstrap/cli/event_printer.hpp"
#include "bootstrap/cli/process_log.hpp"
#include "bootstrap/cli/question_prompt.hpp"
#include "bootstrap/cli/signals.hpp"
#include "bootstrap/persona_file.hpp"

#include <condition_variable>
#include <deque>
#include <fstream>
#include <future>
#include <iostream>
#include <mutex>
#include <poll.h>
#include <unistd.h>

namespace persona_runtime::cli {
namespace {

using namespace std::chrono_literals;

const caller local_user{{"local-owner"}, true};
constexpr auto frame_time = 80ms;
constexpr auto last_words_max = 1s;
constexpr auto nobody_answers = "There is nobody to ask; use your best judgement.";

int exit_code_of(std::string_view status) {
  if (status == "completed")
    return 0;
  if (status == "max_steps_reached")
    return 3;
  if (status == "budget_exhausted")
    return 4;
  return status == "cancelled" ? 130 : 1;
}

/// What the engine's threads hand to the one that prints.
class mailbox final : public run_viewer {
public:
  struct item {
    std::optional<run_event> event;
    shared_text delta;
  };

  void on_events(std::span<const run_event> events) override {
    const auto lock = std::lock_guard{mutex_};
    for (const auto& event : events)
      items_.push_back({event, {}});
    ready_.notify_one();
  }
  void on_delta(step_index, const shared_text& data) override {
    const auto lock = std::lock_guard{mutex_};
    items_.push_back({std::nullopt, data});
    ready_.notify_one();
  }
  void on_end(end) override {
    const auto lock = std::lock_guard{mutex_};
    ended_ = true;
    ready_.notify_one();
  }

  std::deque<item> take(std::chrono::milliseconds wait) {
    auto lock = std::unique_lock{mutex_};
    ready_.wait_for(lock, wait, [this] { return !items_.empty() || ended_; });
    return std::exchange(items_, {});
  }
  [[nodiscard]] bool ended() {
    const auto lock = std::lock_guard{mutex_};
    return ended_ && items_.empty();
  }

private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<item> items_;  // bounded by what may be unacknowledged, and the live text
  bool ended_ = false;
};

result<std::string> read_persona(const std::string& file, std::ostream& err) {
  const auto loaded = load_persona_file(file);
  if (!loaded) {
    for (const auto& p : loaded.error().problems)
      err << describe(p, file) << '\n';
    return failure{errc::validation_error, "the persona cannot be used"};
  }
  auto in = std::ifstream{file, std::ios::binary};
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

/// One task, from start to its last line.
class session {
public:
  session(assembly& parts, const run_options& options, const signal_gate& signals,
          std::ostream& out, std::ostream& err)
    : parts_{parts}, options_{options}, signals_{signals}, err_{err},
      asks_{isatty(STDIN_FILENO) == 1 && !options.no_questions}, printer_{out, style(options)},
      answers_{options.answers.begin(), options.answers.end()} {}

  int carry_out(const persona_id& persona) {
    auto started = parts_.host().start(request_for(persona));
    if (!started) {
      err_ << "persona run: " << started.error().detail << '\n';
      return 1;
    }
    run_ = *started;
    if (const auto watching = watch(); !watching) {
      err_ << "persona run: " << watching.error().detail << '\n';
      return 1;
    }
    while (!box_->ended())
      turn();
    const auto status = parts_.host().show(run_);
    printer_.finish(status ? *status : std::string{});
    return exit_code_of(status_);
  }

private:
  static printer_style style(const run_options& options) {
    auto s = style_for(STDOUT_FILENO, std::getenv("TERM"), std::getenv("NO_COLOR"));
    s.json = options.json;
    return s;
  }

  run_request request_for(const persona_id& persona) const {
    auto request = run_request{};
    request.persona = persona;
    request.task = options_.task;
    request.max_steps = options_.max_steps;
    request.max_tokens = options_.max_tokens;
    request.max_cost_cents = options_.max_cost_cents;
    request.deadline_s = options_.deadline_s;
    request.ask_user = asks_ || (!options_.answers.empty() && !options_.no_questions);
    return request;
  }

  result<void> watch() {
    auto promise = std::make_shared<std::promise<result<std::unique_ptr<run_watch>>>>();
    auto answer = promise->get_future();
    parts_.host().service().watch_run(
      local_user, {run_, {}, true, !options_.json}, box_,
      [promise](auto held) { promise->set_value(std::move(held)); });
    auto held = answer.get();
    if (!held)
      return held.error();
    watch_ = std::move(*held);
    return {};
  }

  void turn() {
    for (const auto& item : box_->take(frame_time)) {
      if (item.event)
        show(*item.event);
      else
        printer_.on_delta(item.delta.view());
    }
    if (signals_.wait_for(0ms) != 0)
      interrupt();
    if (open_question_ && asks_ && has_input())
      read_answer();
    const auto elapsed = std::chrono::steady_clock::now() - begun_;
    printer_.tick(std::chrono::duration_cast<std::chrono::seconds>(elapsed));
  }

  void show(const run_event& event) {
    printer_.on_event(event.json());
    watch_->ack({event.seq.value + 1});
    if (event.type() == "finished")
      note_status(event.json());
    if (event.type() == "user_responded")
      open_question_.reset();
    if (event.type() == "asking_user")
      ask(event);
  }

  void note_status(std::string_view json) {
    constexpr auto key = std::string_view{"\"status\":\""};
    const auto begin = json.rfind(key) + key.size();
    status_ = std::string{json.substr(begin, json.find('"', begin) - begin)};
  }

  void ask(const run_event& event) {
    if (!answers_.empty()) {
      give(std::move(answers_.front()));
      answers_.pop_front();
    } else if (asks_) {
      open_question_ = question_of(event.json());
      printer_.pause();
    } else if (!options_.no_questions && !options_.answers.empty()) {
      give(nobody_answers);
    }
  }

  static bool has_input() {
    auto in = pollfd{STDIN_FILENO, POLLIN, 0};
    return poll(&in, 1, 0) > 0;
  }

  void read_answer() {
    auto line = std::string{};
    const auto question = std::exchange(open_question_, std::nullopt);
    const auto typed = static_cast<bool>(std::getline(std::cin, line));
    give(typed ? answer_of(*question, line) : std::string{nobody_answers});
  }

  void give(std::string text) {
    if (const auto taken = parts_.host().answer(run_, std::move(text)); !taken)
      err_ << "persona run: " << taken.error().detail << '\n';
  }

  /// The first Ctrl-C cancels the run, the second one ends the process.
  void interrupt() {
    if (std::exchange(interrupted_, true)) {
      std::_Exit(130);
    }
    printer_.note("cancelling; press Ctrl-C again to stop at once");
    parts_.host().service().cancel_run(local_user, run_, "interrupted", [](const auto&) {});
  }

  assembly& parts_;
  const run_options& options_;
  const signal_gate& signals_;
  std::ostream& err_;
  bool asks_;
  event_printer printer_;
  std::deque<std::string> answers_;
  std::shared_ptr<mailbox> box_ = std::make_shared<mailbox>();
  std::unique_ptr<run_watch> watch_;
  run_id run_;
  std::string status_ = "error";
  std::optional<asked_question> open_question_;
  bool interrupted_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

std::filesystem::path workspace_of(const configuration& config) {
  return std::filesystem::absolute(config.loaded.values.sandbox_root);
}

}  // namespace

int run(const configuration& config, const run_options& options, std::ostream& out,
        std::ostream& err) {
  const auto signals = signal_gate{};
  auto yaml = read_persona(options.persona_file, err);
  if (!yaml)
    return 1;
  auto wanted = assembly_options{};
  wanted.rehearsal = true;
  wanted.data = options.data;
  wanted.in_memory = !options.data;
  wanted.workspaces = workspace_of(config);
  wanted.shares_workspace = true;
  wanted.adds_safety_constraint = false;
  const auto log = open_process_log(config, options.log_level, log_level::error);
  if (!log) {
    err << "persona run: " << log.error().detail << '\n';
    return 1;
  }
  wanted.log = *log;
  auto made = assembly::make(config, wanted);
  if (!made) {
    err << "persona run: " << made.error().detail << '\n';
    return 1;
  }
  for (const auto& notice : (*made)->notices()) {
    if (notice.is_warning)
      err << "warning: " << notice.text << '\n';
  }
  auto persona = (*made)->host().add_persona(std::move(*yaml));
  if (!persona) {
    err << "persona run: " << persona.error().detail << '\n';
    return 1;
  }
  const auto code = session{**made, options, signals, out, err}.carry_out(*persona);
  // Viewers may hear of a run's end before the supervisor does, who logs it.
  static_cast<void>((*made)->host().drain(last_words_max));
  return code;
}

}  // namespace persona_runtime::cli
