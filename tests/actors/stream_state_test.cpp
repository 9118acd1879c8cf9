// Cursors over committed events, and live text between them. No actors.

#include "actors/live_sink.hpp"
#include "actors/stream_state.hpp"
#include "domain/event/codec.hpp"
#include "tests/support/catch.hpp"

#include <thread>

namespace persona_runtime {
namespace {

const auto run = run_id{"run_1"};
const auto me = viewer_id{1, 1};

/// Events first..last; the odd ones are `thinking` of step seq / 2.
shared_text events(std::uint64_t first, std::uint64_t last, bool finished = false) {
  auto text = std::string{};
  for (auto seq = first; seq <= last; ++seq) {
    const auto step = step_index{static_cast<std::uint32_t>(seq / 2)};
    if (finished && seq == last)
      encode(text, fact::finished{step, run_status::completed}, {run, {seq}, {}});
    else if (seq % 2 == 1)
      encode(text, fact::thinking{step}, {run, {seq}, {}});
    else
      encode(text, fact::reasoning{step, "x"}, {run, {seq}, {}});
  }
  return shared_text{text};
}

std::vector<std::uint64_t> seqs(const stream_actions& a) {
  auto out = std::vector<std::uint64_t>{};
  for (const auto& d : a.deliveries) {
    for (const auto& e : d.events)
      out.push_back(e.seq.value);
  }
  return out;
}

using numbers = std::vector<std::uint64_t>;

TEST_CASE("a viewer pages up to the ring, then follows it", "[actors][stream]") {
  auto stream = stream_state{{2, 10, 1}};
  const auto joined = stream.watch(me, run, {0}, true, false);
  REQUIRE(joined.pages.size() == 1);
  CHECK(stream.publish(run, events(3, 4), {3}).deliveries.empty());  // its page comes first
  const auto caught_up = stream.page_read(me, {events(0, 2)});
  CHECK(seqs(caught_up) == numbers{0, 1, 2, 3, 4});
  CHECK(seqs(stream.publish(run, events(5, 5), {5})) == numbers{5});
}

TEST_CASE("a page that overlaps the ring repeats nothing", "[actors][stream]") {
  auto stream = stream_state{{8, 10, 1}};
  static_cast<void>(stream.watch(me, run, {1}, true, false));
  static_cast<void>(stream.publish(run, events(3, 4), {3}));
  CHECK(seqs(stream.page_read(me, {events(0, 4)})) == numbers{1, 2, 3, 4});
}

TEST_CASE("a viewer that falls behind the ring pages again", "[actors][stream]") {
  auto stream = stream_state{{2, 3, 1}};
  static_cast<void>(stream.watch(me, run, {0}, true, false));
  static_cast<void>(stream.page_read(me, {}));
  CHECK(seqs(stream.publish(run, events(0, 1), {0})) == numbers{0, 1});
  const auto behind = stream.publish(run, events(2, 5), {2});  // the ring now begins at 4
  REQUIRE(behind.pages.size() == 1);
  CHECK(behind.pages.front().from.value == 2);
  CHECK(behind.pages.front().events_max == 1);  // the two before are not acknowledged yet
  CHECK(seqs(stream.page_read(me, {events(2, 5)})) == numbers{2});
}

TEST_CASE("a viewer that was up to date and has no room is cut off", "[actors][stream]") {
  auto stream = stream_state{{8, 2, 1}};
  static_cast<void>(stream.watch(me, run, {0}, true, false));
  static_cast<void>(stream.page_read(me, {}));
  CHECK(stream.publish(run, events(0, 1), {0}).endings.empty());
  const auto cut = stream.publish(run, events(2, 2), {2});
  REQUIRE(cut.endings.size() == 1);
  CHECK(cut.endings[0].why == view_end::cut_off);
  CHECK(stream.viewers() == 0);
  CHECK_FALSE(stream.is_watched(run));
}

TEST_CASE("a viewer that catches up pages at its own pace", "[actors][stream]") {
  auto stream = stream_state{{4, 2, 1}};
  static_cast<void>(stream.watch(me, run, {0}, true, false));
  static_cast<void>(stream.page_read(me, {events(0, 5)}));
  CHECK(stream.publish(run, events(6, 9), {6}).endings.empty());
  CHECK(seqs(stream.ack(me, {1})).empty());  // 2 is not in the ring: a page
  CHECK(seqs(stream.page_read(me, {events(2, 9)})) == numbers{2});
  static_cast<void>(stream.ack(me, {3}));
  CHECK(seqs(stream.page_read(me, {events(3, 9)})) == numbers{3, 4});
}

TEST_CASE("acknowledging what was never sent makes no room", "[actors][stream]") {
  auto stream = stream_state{{8, 2, 1}};
  static_cast<void>(stream.watch(me, run, {0}, true, false));
  static_cast<void>(stream.page_read(me, {events(0, 5)}));
  static_cast<void>(stream.ack(me, {100}));
  CHECK(seqs(stream.page_read(me, {events(2, 9)})) == numbers{2, 3});
  CHECK(stream.ack({9, 9}, {1}).deliveries.empty());
}

TEST_CASE("a run has as many viewers as it may; each that leaves makes room", "[actors][stream]") {
  auto stream = stream_state{{8, 2, 2}};
  const auto second = viewer_id{1, 2};
  CHECK(stream.may_watch(run).has_value());
  static_cast<void>(stream.watch(me, run, {0}, true, false));
  CHECK(stream.may_watch(run).has_value());
  static_cast<void>(stream.watch(second, run, {0}, true, false));
  const auto refused = stream.may_watch(run);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == errc::overloaded);
  CHECK(refused.error().detail.find("2 viewers") != std::string::npos);
  CHECK(stream.may_watch({"run_2"}).has_value());
  stream.leave(second);
  CHECK(stream.may_watch(run).has_value());
}

TEST_CASE("D-17 finished ends every viewer, also one whose cursor lies past it",
          "[actors][stream]") {
  auto stream = stream_state{{8, 10, 5}};
  static_cast<void>(stream.watch(me, run, {0}, true, false));
  static_cast<void>(stream.watch({1, 2}, run, {50}, true, false));
  static_cast<void>(stream.page_read(me, {}));
  static_cast<void>(stream.page_read({1, 2}, {}));
  const auto last = stream.publish(run, events(0, 3, true), {0});
  CHECK(seqs(last) == numbers{0, 1, 2, 3});
  REQUIRE(last.endings.size() == 2);
  CHECK(last.endings[0].why == view_end::finished);
  CHECK(last.endings[1].why == view_end::finished);
  CHECK(stream.viewers() == 0);
}

TEST_CASE("a viewer that does not follow ends when it is up to date", "[actors][stream]") {
  auto stream = stream_state{{8, 10, 5}};
  static_cast<void>(stream.watch(me, run, {0}, false, false));
  const auto first = stream.page_read(me, {events(0, 2)});
  CHECK(seqs(first) == numbers{0, 1, 2});
  REQUIRE(first.pages.size() == 1);
  const auto end = stream.page_read(me, {});
  REQUIRE(end.endings.size() == 1);
  CHECK(end.endings[0].why == view_end::up_to_date);
}

TEST_CASE("a viewer that does not follow ends also when its last events came by the ring",
          "[actors][stream]") {
  auto stream = stream_state{{8, 10, 5}};
  static_cast<void>(stream.watch(me, run, {0}, false, false));
  static_cast<void>(stream.publish(run, events(1, 1), {1}));
  const auto end = stream.page_read(me, {events(0, 1)});
  CHECK(seqs(end) == numbers{0, 1});
  REQUIRE(end.endings.size() == 1);
  CHECK(end.endings[0].why == view_end::up_to_date);
}

TEST_CASE("leaving, and an edge that is gone", "[actors][stream]") {
  auto stream = stream_state{{8, 10, 5}};
  static_cast<void>(stream.watch(me, run, {0}, true, false));
  static_cast<void>(stream.watch({2, 1}, run, {0}, true, false));
  static_cast<void>(stream.watch({2, 2}, run, {0}, true, false));
  stream.leave_edge(2);
  CHECK(stream.viewers() == 1);
  stream.leave(me);
  stream.leave(me);
  CHECK_FALSE(stream.is_watched(run));
  CHECK(stream.publish(run, events(0, 1), {0}).deliveries.empty());
  CHECK(stream.page_read(me, {events(0, 1)}).deliveries.empty());
}

struct live_stage {
  live_registry registry;
  stream_state stream{{8, 20, 5}, [this](const run_id& r) { return registry.look_and_arm(r); }};
  live_registry::channel_ptr channel = registry.open(run);
  live_text_ptr text;

  void attempt(std::uint32_t step, std::uint32_t number = 0) {
    text = registry.begin(channel, {step}, {number});
  }
  void join(viewer_id id = me) {
    static_cast<void>(stream.watch(id, run, {0}, true, true));
    static_cast<void>(stream.page_read(id, {}));
  }
};

std::vector<std::string> shown(const std::vector<stream_actions::text>& texts) {
  auto out = std::vector<std::string>{};
  for (const auto& t : texts)
    out.push_back(t.data.str());
  return out;
}
using texts = std::vector<std::string>;

TEST_CASE("S-4 live text comes after thinking of its step, the first with snapshot",
          "[actors][stream]") {
  live_stage s;
  s.join();
  s.attempt(0);
  s.text->text.append("Ber");
  CHECK(s.stream.text_grew(run).texts.empty());  // thinking(0) is not committed yet
  const auto thinking = s.stream.publish(run, events(0, 1), {0});
  CHECK(seqs(thinking) == numbers{0, 1});
  CHECK(shown(thinking.texts) == texts{R"({"text":"Ber","snapshot":true})"});
  s.text->text.append("th 4");
  CHECK(shown(s.stream.text_grew(run).texts) == texts{R"({"text":"th 4"})"});
  CHECK(s.stream.text_grew(run).texts.empty());  // nothing new
}

TEST_CASE("the rest of a step's text comes before the events that follow it", "[actors][stream]") {
  live_stage s;
  s.join();
  s.attempt(0);
  static_cast<void>(s.stream.publish(run, events(0, 1), {0}));
  s.text->text.append("last words");
  const auto next = s.stream.publish(run, events(2, 3), {2});
  CHECK(shown(next.texts_first) == texts{R"({"text":"last words","snapshot":true})"});
  CHECK(seqs(next) == numbers{2, 3});
  CHECK(next.texts.empty());
}

TEST_CASE("a viewer that joins later gets the text so far", "[actors][stream]") {
  live_stage s;
  s.join();
  s.attempt(0);
  static_cast<void>(s.stream.publish(run, events(0, 1), {0}));
  s.text->reasoning.append("hm");
  s.text->text.append("Berth 4");
  static_cast<void>(s.stream.text_grew(run));
  const auto late = s.stream.watch({1, 2}, run, {0}, true, true);
  CHECK(seqs(late) == numbers{0, 1});
  CHECK(shown(late.texts)
        == texts{R"({"reasoning":"hm","snapshot":true})", R"({"text":"Berth 4"})"});
}

TEST_CASE("a viewer that returns within a step gets its text", "[actors][stream]") {
  live_stage s;
  s.attempt(0);
  s.text->text.append("Ber");
  static_cast<void>(s.stream.watch(me, run, {2}, true, true));
  CHECK(shown(s.stream.page_read(me, {}).texts) == texts{R"({"text":"Ber","snapshot":true})"});
  s.text->text.append("th 4");
  CHECK(shown(s.stream.text_grew(run).texts) == texts{R"({"text":"th 4"})"});
  static_cast<void>(s.stream.publish(run, events(2, 2), {2}));  // now there is a ring
  CHECK(shown(s.stream.watch({1, 2}, run, {3}, true, true).texts)
        == texts{R"({"text":"Berth 4","snapshot":true})"});
}

TEST_CASE("S-4 a viewer whose cursor lies before thinking waits for it", "[actors][stream]") {
  live_stage s;
  s.attempt(0);
  s.text->text.append("Ber");
  static_cast<void>(s.stream.watch(me, run, {0}, true, true));
  CHECK(s.stream.text_grew(run).texts.empty());
  CHECK(s.stream.page_read(me, {events(0, 0)}).texts.empty());  // a first page that ends too early
  CHECK(seqs(s.stream.page_read(me, {events(1, 1)})) == numbers{1});
  CHECK(shown(s.stream.page_read(me, {}).texts) == texts{R"({"text":"Ber","snapshot":true})"});
}

TEST_CASE("D-28 another attempt voids the text of the one before", "[actors][stream]") {
  live_stage s;
  s.join();
  s.attempt(0);
  static_cast<void>(s.stream.publish(run, events(0, 1), {0}));
  s.text->text.append("half a sen");
  static_cast<void>(s.stream.text_grew(run));
  s.attempt(0, 1);
  s.text->text.append("Whole.");
  CHECK(shown(s.stream.text_grew(run).texts)
        == texts{R"({"text":"","reset":true})", R"({"text":"Whole."})"});
}

TEST_CASE("a viewer that wants no live text gets none", "[actors][stream]") {
  live_stage s;
  static_cast<void>(s.stream.watch(me, run, {0}, true, false));
  static_cast<void>(s.stream.page_read(me, {}));
  s.attempt(0);
  s.text->text.append("x");
  CHECK(s.stream.publish(run, events(0, 1), {0}).texts.empty());
  CHECK(s.stream.text_grew(run).texts.empty());
}

TEST_CASE("a sink tells once until somebody has looked, and hides markers", "[actors][stream]") {
  auto told = 0;
  auto registry = std::make_shared<live_registry>([&](const run_id&) { ++told; });
  const auto where = registry->open(run);
  const auto text = registry->begin(where, {0}, {0});
  const auto sink = make_live_sink(registry, where, text);
  sink->on_text("[FINAL] ber");
  sink->on_text("th");
  sink->on_reasoning("");
  CHECK(told == 1);
  CHECK(registry->look_and_arm(run) == text);
  sink->on_text(" 4");
  sink->on_text("!");
  CHECK(told == 2);
  CHECK(text->text.read(0) == "berth 4!");
  registry->erase(run);
  CHECK(registry->look_and_arm(run) == nullptr);
}

TEST_CASE("a growing text is read while it is written", "[actors][stream]") {
  auto text = growing_text{};
  auto writer = std::thread{[&] {
    for (auto i = 0; i < 2'000; ++i)
      text.append("0123456789");
  }};
  auto got = std::string{};
  while (got.size() < 20'000)
    got += text.read(got.size());
  writer.join();
  REQUIRE(got.size() == 20'000);
  for (auto i = std::size_t{0}; i < got.size(); ++i)
    REQUIRE(got[i] == static_cast<char>('0' + i % 10));
  CHECK(text.read(20'000).empty());
  CHECK(text.read(30'000).empty());
}

}  // namespace
}  // namespace persona_runtime
