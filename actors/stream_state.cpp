#include "actors/stream_state.hpp"

#include "domain/text/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace persona_runtime {
namespace {

/// The step of an event, read from its JSON; -1 for the run's own.
std::int64_t step_of(const run_event& event) {
  constexpr auto key = std::string_view{"\"step\":"};
  const auto json = event.json();
  const auto at = json.find(key);
  auto step = std::int64_t{-1};
  if (at != std::string_view::npos)
    std::from_chars(json.data() + at + key.size(), json.data() + json.size(), step);
  return step;
}

shared_text reset_data() {
  return shared_text{R"({"text":"","reset":true})"};
}

}  // namespace

std::size_t stream_state::room(const viewer& v) const {
  return limits_.unacked_max
         - std::min<std::size_t>(limits_.unacked_max, v.next.value - v.acked.value);
}

void stream_state::show_part(viewer_id id, viewer& v, const growing_text& from, std::size_t& at,
                             std::string_view name, std::vector<stream_actions::text>& out) {
  auto fresh = from.read(at);
  if (fresh.empty())
    return;
  at += fresh.size();
  auto data = std::string{};
  auto o = json_writer{data};
  o.text(name, fresh);
  if (!std::exchange(v.saw_text, true))
    o.flag("snapshot", true);
  o.close();
  out.push_back({id, v.shown->step, shared_text{std::move(data)}});
}

/// Gives the viewer the text that is new to it, of the step that it is in.
void stream_state::show_text(viewer_id id, const live_text_ptr& now,
                             std::vector<stream_actions::text>& out) {
  auto& v = viewers_.at(id);
  if (!v.wants_text || !v.follow || now == nullptr || v.step != now->step.value || v.paging)
    return;
  if (v.shown != now) {
    const auto had_text = v.text_at + v.reasoning_at > 0;
    if (v.shown && v.shown->step == now->step && had_text)
      out.push_back({id, now->step, reset_data()});
    v.shown = now;
    v.text_at = 0;
    v.reasoning_at = 0;
  }
  show_part(id, v, now->reasoning, v.reasoning_at, "reasoning", out);
  show_part(id, v, now->text, v.text_at, "text", out);
}

void stream_state::deliver(viewer_id id, std::vector<run_event> events, stream_actions& out) {
  if (events.empty())
    return;
  auto& v = viewers_.at(id);
  v.next.value = events.back().seq.value + 1;
  for (const auto& e : events) {
    if (e.type() == "thinking")
      v.step = step_of(e);
  }
  const auto finished = events.back().type() == "finished";
  out.deliveries.push_back({id, std::move(events)});
  if (finished)
    end(id, view_end::finished, out);
}

void stream_state::pump(viewer_id id, stream_actions& out) {
  auto& v = viewers_.at(id);
  const auto& ring = channels_.at(v.run.value).ring;
  if (!v.paging && !ring.empty() && v.next > ring.back().seq
      && ring.back().type() == "finished")  // its cursor was past the end
    return end(id, view_end::finished, out);
  if (v.paging || room(v) == 0 || (ring.empty() && v.caught_up))
    return;
  if (ring.empty() || v.next < ring.front().seq) {
    v.paging = true;
    out.pages.push_back({id, v.run, v.next, room(v)});
    return;
  }
  const auto skip = std::min<std::size_t>(v.next.value - ring.front().seq.value, ring.size());
  const auto count = std::min(room(v), ring.size() - skip);
  const auto first = ring.begin() + static_cast<std::ptrdiff_t>(skip);
  deliver(id, {first, first + static_cast<std::ptrdiff_t>(count)}, out);
  if (viewers_.contains(id) && !v.follow && v.next > ring.back().seq)
    end(id, view_end::up_to_date, out);
}

/// A viewer that has all events so far and met no `thinking` among them joined within a step. The
/// one whose text there was when it joined had begun by then: an empty page after that shows that
/// its `thinking` lies behind the cursor.
void stream_state::settle_step(viewer& v) {
  auto& watched = channels_.at(v.run.value);
  const auto has_all = watched.ring.empty() ? v.caught_up : v.next > watched.ring.back().seq;
  if (v.paging || !has_all)
    return;
  if (v.step < 0)
    v.step = std::max(watched.step, v.caught_up ? v.step_at_join : -1);
  watched.step = std::max(watched.step, v.step);
}

void stream_state::catch_up_text(viewer_id id, stream_actions& out) {
  const auto i = viewers_.find(id);
  if (i == viewers_.end())
    return;
  auto& v = i->second;
  settle_step(v);
  if (live_ && v.wants_text)
    show_text(id, live_(v.run), out.texts);
}

void stream_state::end(viewer_id id, view_end why, stream_actions& out) {
  out.endings.push_back({id, why});
  leave(id);
}

result<void> stream_state::may_watch(const run_id& run) const {
  const auto i = channels_.find(run.value);
  if (i == channels_.end() || i->second.viewers.size() < limits_.viewers_max)
    return {};
  return failure{errc::overloaded,
                 "the run has " + std::to_string(limits_.viewers_max)
                   + " viewers, which is the most that a run may have",
                 std::chrono::seconds{5}};
}

stream_actions stream_state::watch(viewer_id id, const run_id& run, event_seq from, bool follow,
                                   bool live_text) {
  auto out = stream_actions{};
  leave(id);
  auto& watchers = channels_[run.value].viewers;
  watchers.insert(id);
  auto v = viewer{};
  v.run = run;
  v.next = from;
  v.acked = from;
  v.follow = follow;
  v.wants_text = live_text;
  if (const auto live = live_ && live_text ? live_(run) : nullptr)
    v.step_at_join = live->step.value;
  viewers_[id] = std::move(v);
  pump(id, out);
  catch_up_text(id, out);
  return out;
}

stream_actions stream_state::publish(const run_id& run, const shared_text& body, event_seq first) {
  auto out = stream_actions{};
  const auto i = channels_.find(run.value);
  if (i == channels_.end())
    return out;
  auto& ring = i->second.ring;
  for (auto& event : events_of(body, first)) {
    if (event.type() == "thinking")
      i->second.step = step_of(event);
    ring.push_back(std::move(event));
    if (ring.size() > limits_.ring_max)
      ring.pop_front();
  }
  const auto watchers = i->second.viewers;  // cutting off changes the set
  // Who looks at the text is told from then on when it grows: not for nobody.
  const auto wants_text = [this](const viewer_id& id) { return viewers_.at(id).wants_text; };
  const auto live = live_ && std::ranges::any_of(watchers, wants_text) ? live_(run) : nullptr;
  for (const auto id : watchers) {
    // One that still catches up reads at its own pace; one that was up to date and has not even
    // acknowledged the last events is too slow.
    const auto& v = viewers_.at(id);
    if (v.next == first && room(v) == 0) {
      end(id, view_end::cut_off, out);
      continue;
    }
    show_text(id, live, out.texts_first);
    pump(id, out);
    if (viewers_.contains(id))
      show_text(id, live, out.texts);
  }
  return out;
}

stream_actions stream_state::ack(viewer_id id, event_seq next) {
  auto out = stream_actions{};
  const auto i = viewers_.find(id);
  if (i == viewers_.end())
    return out;
  i->second.acked = std::clamp(next, i->second.acked, i->second.next);
  pump(id, out);
  return out;
}

stream_actions stream_state::page_read(viewer_id id, const std::vector<shared_text>& bodies) {
  auto out = stream_actions{};
  const auto i = viewers_.find(id);
  if (i == viewers_.end())
    return out;
  auto& v = i->second;
  v.paging = false;
  auto events = std::vector<run_event>{};
  for (const auto& body : bodies) {
    for (auto& e : events_of(body, v.next))
      events.push_back(std::move(e));
  }
  if (events.size() > room(v))
    events.resize(room(v));
  v.caught_up = events.empty();  // from here on everything comes through the ring
  const auto run = v.run;
  deliver(id, std::move(events), out);
  if (!viewers_.contains(id))
    return out;
  const auto& ring = channels_.at(run.value).ring;
  if (v.caught_up && !v.follow && (ring.empty() || v.next > ring.back().seq)) {
    end(id, view_end::up_to_date, out);
    return out;
  }
  pump(id, out);
  catch_up_text(id, out);
  return out;
}

stream_actions stream_state::text_grew(const run_id& run) {
  auto out = stream_actions{};
  const auto i = channels_.find(run.value);
  if (i == channels_.end() || !live_)
    return out;
  const auto live = live_(run);
  for (const auto id : i->second.viewers)
    show_text(id, live, out.texts);
  return out;
}

void stream_state::leave(viewer_id id) {
  const auto v = viewers_.find(id);
  if (v == viewers_.end())
    return;
  const auto c = channels_.find(v->second.run.value);
  c->second.viewers.erase(id);
  if (c->second.viewers.empty())
    channels_.erase(c);
  viewers_.erase(v);
}

void stream_state::leave_edge(std::uint64_t edge) {
  auto gone = std::vector<viewer_id>{};
  for (auto i = viewers_.lower_bound({edge, 0}); i != viewers_.end() && i->first.edge == edge; ++i)
    gone.push_back(i->first);
  for (const auto id : gone)
    leave(id);
}

}  // namespace persona_runtime
