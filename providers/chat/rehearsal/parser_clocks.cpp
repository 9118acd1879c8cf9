// The time now and here, and a time elsewhere.
#include "providers/chat/rehearsal/dates.hpp"
#include "providers/chat/rehearsal/parser.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime::rehearsal {
namespace {

constexpr std::size_t other_sentence = 1'000'000;

bool is_region(std::string_view word) {
  static constexpr std::array<std::string_view, 10> regions{
    "africa",   "america",   "antarctica", "arctic", "asia",
    "atlantic", "australia", "europe",     "indian", "pacific"};
  return std::find(regions.begin(), regions.end(), word) != regions.end();
}

}  // namespace

/// A city or country of the list, or a zone by its name: "Europe/Oslo".
std::optional<parser::found_zone> parser::zone_at(std::size_t at) const {
  if (!in_.is(at, token_kind::word))
    return std::nullopt;
  if (is_region(in_.at(at).text)) {
    std::size_t end = at + 1;
    while (in_.is_symbol(end, "/") && in_.is(end + 1, token_kind::word))
      end += 2;
    if (end > at + 1)
      return found_zone{in_.text(at, end), at, end};
  }
  if (in_.is(at + 1, token_kind::word)) {
    if (const auto zone = zone_of(in_.at(at).text + ' ' + in_.at(at + 1).text))
      return found_zone{std::string{*zone}, at, at + 2};
  }
  auto word = in_.at(at).text;
  if (word.ends_with("'s"))
    word.resize(word.size() - 2);
  const auto zone = zone_of(word);
  return zone ? std::optional{found_zone{std::string{*zone}, at, at + 1}} : std::nullopt;
}

std::vector<parser::found_zone> parser::zones_in(std::size_t begin, std::size_t end) const {
  auto zones = std::vector<found_zone>{};
  for (std::size_t i = begin; i < end;) {
    auto zone = zone_at(i);
    i = zone ? zone->end : i + 1;
    if (zone)
      zones.push_back(std::move(*zone));
  }
  return zones;
}

std::size_t parser::clock(std::size_t at) {
  const auto n = in_.phrase(at, {"what time is it", "what's the time", "what is the time",
                                 "current time", "time is it", "time it is", "time now", "the time",
                                 "hva er klokken", "hva er klokka", "klokken", "klokka"});
  if (n == 0)
    return 0;
  const auto [begin, end] = in_.sentence(at);
  for (std::size_t i = begin; i < end; ++i) {
    if (in_.is(i, token_kind::time))
      return converted_time(i);
  }
  std::size_t made = 0;
  for (const auto& zone : zones_in(at + n, end)) {
    goal g;
    g.kind = goal_kind::clock;
    g.zone = zone.name;
    made = add(std::move(g), zone.begin, zone.end);
  }
  if (made == 0 && in_.is_word(at + n, {"in", "i"}))
    return 0;  // a place that is not in the list: better nothing than the wrong hour
  if (made == 0) {
    goal g;
    g.kind = goal_kind::clock;
    g.zone = "UTC";
    g.subject = "UTC";
    return add(std::move(g), at, at + n);
  }
  in_.use(at, at + n);
  return made;
}

std::string parser::zone_from_user(std::size_t at) {
  const std::string* answer = answer_or_ask(
    say("In which city or time zone is it ", "I hvilken by eller tidssone er klokken ")
    + in_.text(at, at + 1) + "?");
  if (answer == nullptr)
    return {};
  const auto said = reader{*answer, lex(*answer, plan_.norwegian)};
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (const auto zone = said.is(i, token_kind::word) ? zone_of(said.at(i).text) : std::nullopt)
      return std::string{*zone};
  }
  return "UTC";
}

/// "09:30 on 2027-06-10 in Oslo, what time is it in Tokyo?". The place next to the time is where
/// it is that time; the other one is asked about.
std::size_t parser::converted_time(std::size_t at) {
  if (!in_.is(at, token_kind::time))
    return 0;
  const auto [begin, end] = in_.sentence(at);
  const std::size_t next_end = end < in_.size() ? in_.sentence(end).second : end;
  auto zones = zones_in(begin, next_end);
  if (zones.empty())
    return 0;
  const auto distance = [at, end = end](const found_zone& z) {
    return z.begin >= end ? other_sentence : z.begin > at ? z.begin - at : at - z.begin;
  };
  auto from = std::min_element(zones.begin(), zones.end(), [&](const auto& a, const auto& b) {
    return distance(a) < distance(b);
  });
  goal g;
  g.kind = goal_kind::convert_time;
  if (zones.size() == 1) {
    g.zone = zone_from_user(at);
    g.zone_to = zones.front().name;
    if (g.zone.empty())
      return 0;
  } else {
    g.zone = from->name;
    g.zone_to = from == zones.begin() ? zones[1].name : zones.front().name;
  }
  g.time = in_.at(at).text;
  for (std::size_t i = begin; i < next_end; ++i) {
    if (!in_.is(i, token_kind::date))
      continue;
    auto day = day_at(i);
    if (!day)
      return 0;
    g.first = std::move(day->day);
    in_.use(i, day->end);
    break;
  }
  for (const auto& zone : zones)
    in_.use(zone.begin, zone.end);
  g.subject = in_.text(at, at + 1);
  return add(std::move(g), at, at + 1);
}

}  // namespace persona_runtime::rehearsal
