#include "actors/pending_append.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto usual_bytes = std::size_t{2'048};  // of the records of half a step

void make_room(std::string& body) {
  if (body.empty())
    body.reserve(usual_bytes);
}

}  // namespace

void pending_append::add(const run_id& run, const record& r, instant at) {
  make_room(body);
  encode(body, r, {run, {seq.value + events}, at});
  ++records;
  events += is_public(r) ? 1 : 0;
}

void pending_append::add(const run_id& turn, const turn_record& r, instant at) {
  make_room(body);
  encode(body, r, {turn, {seq.value + events}, at});
  ++records;
  events += is_public(r) ? 1 : 0;
}

journal_append pending_append::take(const run_id& run, incarnation life) {
  auto what = journal_append{};
  what.run = run;
  what.life = life;
  what.pos = pos;
  what.records = records;
  what.seq = seq;
  what.events = events;
  body.shrink_to_fit();
  what.body = shared_text{std::move(body)};
  *this = {pos + records, {seq.value + events}, 0, 0, {}};
  return what;
}

}  // namespace persona_runtime
