// Many runs at once, on virtual time, while providers die, come back, and limit what they take.

#include "tests/support/world.hpp"

#include <deque>
#include <map>
#include <utility>

namespace persona_runtime {
namespace {

using test::a_model;
using test::call_of;
using test::calls;
using test::error_with;
using test::result_of;
using test::says;
using test::world;
using test::world_options;
using namespace std::chrono_literals;

constexpr auto runs = 1'000;
constexpr auto answer_after = 50ms;

/// Answers on virtual time what `judge` says; the first call of a run asks for a tool, the second
/// one ends it.
class timed_provider final : public chat_provider {
public:
  using judge = std::function<model_result<model_reply>(const chat_request&, instant)>;

  timed_provider(judge decides, const world& w) : decides_{std::move(decides)}, w_{w} {}

  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    came.push_back(w_.now());
    auto outcome = decides_(request, w_.now());
    if (!outcome) {
      failed.push_back(w_.now());
      done(std::move(outcome));
    } else {
      due_.push_back(
        {{w_.now().value + answer_after.count()}, std::move(*outcome), std::move(done)});
    }
    return std::make_unique<ended_call>();
  }
  [[nodiscard]] bool has_limits() const override { return true; }
  void answer_what_is_due() {
    while (!due_.empty() && due_.front().at <= w_.now()) {
      auto next = std::move(due_.front());
      due_.pop_front();
      next.done(std::move(next.reply));
    }
  }

  std::vector<instant> came;
  std::vector<instant> failed;

private:
  struct answer {
    instant at;
    model_reply reply;
    on_done done;
  };
  judge decides_;
  const world& w_;
  std::deque<answer> due_;
};

model_reply next_reply(const chat_request& request) {
  auto reply = request.context.size() > 2 ? says("[FINAL] done") : calls({call_of("search")});
  reply.size = {2, 3};
  return reply;
}

/// Created before the world is and filled in by it.
struct late_provider final : chat_provider {
  std::shared_ptr<chat_provider> to;
  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    return to->start(std::move(request), std::move(done));
  }
  [[nodiscard]] bool has_limits() const override { return true; }
};

void answer_tools(world& w) {
  auto& desk = w.tool("search").desk;
  for (const auto& call : std::exchange(desk.calls, {}))
    call->done(result_of("found"));
}

run_id name_of_run(int i) {
  return {"run_" + std::to_string(100'000 + i)};
}

std::size_t completed(world& w) {
  auto count = std::size_t{0};
  for (auto i = 0; i < runs; ++i) {
    w.run = name_of_run(i);
    auto view = run_view{};
    auto ends = 0;
    for (const auto& r : w.records()) {
      view.apply(r.body, r.at);
      ends += kind_of(r.body) == "finished" ? 1 : 0;
    }
    count += ends == 1 && view.status == run_status::completed ? 1 : 0;
  }
  return count;
}

TEST_CASE("1,000 runs live through the death and return of one of two providers",
          "[actors][model]") {
  auto first = std::make_shared<late_provider>();
  auto second = std::make_shared<late_provider>();
  const auto members = std::vector<model_entry>{a_model("one", "m"), a_model("two", "m")};
  auto options = world_options{};
  options.tiers = {{"frontier", members}, {"mid", members}, {"small", members}};
  options.provider_of = [&](const std::string&, const model_entry& model, const auto&) {
    return model.provider == "one" ? first : second;
  };
  auto w = world{std::move(options)};
  const auto begin = w.now().value;
  const auto dies = begin + 5'000;
  const auto is_back = begin + 25'000;
  const auto one = std::make_shared<timed_provider>(
    [&](const chat_request& request, instant now) -> model_result<model_reply> {
      if (now.value >= dies && now.value < is_back)
        return error_with(model_error_class::backend_timeout);
      return next_reply(request);
    },
    w);
  const auto two = std::make_shared<timed_provider>(
    [&](const chat_request& request, instant) -> model_result<model_reply> {
      return next_reply(request);
    },
    w);
  first->to = one;
  second->to = two;
  auto opened = std::int64_t{0};
  for (auto tick = 0; tick < 6'500; ++tick) {
    if (opened == 0 && w.actors.counters->models_opened > 0)
      opened = w.now().value;
    if (tick % 5 == 0 && tick / 5 < runs) {
      w.run = name_of_run(tick / 5);
      w.send_start();
    }
    w.advance(10ms);
    one->answer_what_is_due();
    two->answer_what_is_due();
    w.settle();
    answer_tools(w);
    w.settle();
    if (tick > 5 * runs && w.actors.counters->runs_live == 0)
      break;
  }
  CHECK(completed(w) == runs);
  CHECK(w.actors.counters->models_opened == 1);
  CHECK(w.actors.counters->models_closed == 1);
  // One per interval: 5, 10, 20 s.
  REQUIRE(opened >= dies);
  auto probes = std::vector<std::int64_t>{};
  for (const auto& at : one->came) {
    if (at.value > opened && at.value < is_back)
      probes.push_back(at.value);
  }
  auto last = opened;
  auto pause = std::int64_t{5'000};
  for (const auto at : probes) {
    CHECK(at - last >= pause);
    last = at;
    pause *= 2;
  }
  CHECK(probes.size() == 2);
  CHECK(one->came.back().value > is_back + 5'000);
}

/// 100 requests a second with bursts of as many; says so in every head.
struct limited_key {
  static constexpr auto per_minute = 6'000.0;
  static constexpr auto burst = 100.0;
  double level = burst;
  std::int64_t at = 0;
  std::size_t served = 0;
  std::size_t refused = 0;
  std::int64_t first_refused_at = 0;
  std::size_t refused_later = 0;
  std::map<std::string, std::size_t> served_by_owner;
  bool says_limit = true;

  model_result<model_reply> judge(const chat_request& request, instant now) {
    level = std::min(burst, level + static_cast<double>(now.value - at) * per_minute / 60'000);
    at = now.value;
    const auto is_taken = level >= 1;
    if (is_taken)
      level -= 1;
    if (says_limit)
      request.on_limits({{6'000, static_cast<std::uint64_t>(level), 1'000}, {}});
    if (!is_taken) {
      if (refused++ == 0)
        first_refused_at = now.value;
      refused_later += now.value > first_refused_at ? 1 : 0;
      auto error = error_with(model_error_class::rate_limit, 429);
      error.retry_after = "0.05";
      return error;
    }
    ++served;
    if (served <= runs)  // half of all calls
      ++served_by_owner[request.context.at(1)->content.str()];
    return next_reply(request);
  }
};

double jain_index(const std::map<std::string, std::size_t>& shares) {
  auto sum = 0.0;
  auto squares = 0.0;
  for (const auto& [owner, share] : shares) {
    sum += static_cast<double>(share);
    squares += static_cast<double>(share) * static_cast<double>(share);
  }
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

void run_on_limited_key(bool says_limit) {
  constexpr auto owners = 10;
  auto only = std::make_shared<late_provider>();
  auto options = world_options{};
  options.provider_of = [&](const std::string&, const model_entry&, const auto&) { return only; };
  auto w = world{std::move(options)};
  auto key = limited_key{};
  key.says_limit = says_limit;
  key.at = w.now().value;
  const auto provider = std::make_shared<timed_provider>(
    [&](const chat_request& request, instant now) { return key.judge(request, now); }, w);
  only->to = provider;
  // One owner after the other: who came last would be served last.
  for (auto i = 0; i < runs; ++i) {
    w.run = name_of_run(i);
    const auto owner = "owner " + std::to_string(i / (runs / owners));
    w.spec.owner = owner_id{owner};
    w.spec.task = "Find a berth for " + owner;
    w.send_start();
  }
  const auto begin = w.now().value;
  for (auto tick = 0; tick < 6'000; ++tick) {
    w.advance(10ms);
    provider->answer_what_is_due();
    w.settle();
    answer_tools(w);
    w.settle();
    if (w.actors.counters->runs_live == 0)
      break;
  }
  const auto took = w.now().value - begin;
  CAPTURE(says_limit, took, key.refused, key.refused_later, key.served);
  CHECK(completed(w) == runs);
  CHECK(key.served == 2 * runs);
  CHECK(key.refused_later <= key.served / 100);
  if (says_limit)  // else what is on its way is refused with the first one
    CHECK(key.refused <= 1 + key.served / 100);
  CHECK(took < 30'000);  // 20 s are the least
  CHECK(key.served_by_owner.size() == owners);
  CHECK(jain_index(key.served_by_owner) >= 0.98);
}

TEST_CASE("1,000 runs share a key of 6,000 requests a minute", "[actors][model]") {
  run_on_limited_key(true);
}

TEST_CASE("1,000 runs share a key whose limit only its 429s show", "[actors][model]") {
  run_on_limited_key(false);
}

}  // namespace
}  // namespace persona_runtime
