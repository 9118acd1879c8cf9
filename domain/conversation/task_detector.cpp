#include "domain/conversation/task_detector.hpp"

#include "domain/text/json_text.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <cmath>

namespace persona_runtime {
namespace {

pattern known_pattern(std::string_view text) {
  const auto compiled = pattern::compile(text);
  return compiled ? *compiled : pattern{};  // cannot fail: the texts are below
}

bool has_url(const folded_text& text) {
  static const auto url = known_pattern(R"(https?://|www\.)");
  return url.find(text).has_value();
}

bool has_filename(const folded_text& text) {
  static const auto filename = known_pattern(R"(\b[\w-]+\.\w{1,5}\b)");
  return filename.find(text).has_value();
}

std::string folded_part(const folded_text& text, std::size_t first, std::size_t last) {
  auto out = std::string{};
  for (auto i = first; i < last; ++i)
    append_utf8(out, text[i]);
  return out;
}

/// "that research": the word is a noun there, not a wish.
bool is_noun(const folded_text& text, const text_span& match, const task_table& table) {
  if (!table.nouns.contains(folded_part(text, match.first, match.last)))
    return false;
  auto last = match.first;
  while (last > 0 && is_blank(text[last - 1]))
    --last;
  if (last == match.first)
    return false;
  auto first = last;
  while (first > 0 && is_word(text[first - 1]))
    --first;
  return table.determiners.contains(folded_part(text, first, last));
}

struct candidate {
  const task_trigger* trigger = nullptr;  // the first that matched
  double score = 0;
  std::vector<std::string> phrases{};
  bool dispatch_grade = false;
};

double weight_of(const task_trigger& trigger, std::string_view phrase) {
  return trigger.weight ? *trigger.weight : static_cast<double>(word_count(phrase));
}

void add_match(std::vector<candidate>& candidates, const task_trigger& trigger,
               std::string_view phrase) {
  auto found = std::find_if(candidates.begin(), candidates.end(), [&](const candidate& c) {
    return c.trigger->capability == trigger.capability;
  });
  if (found == candidates.end()) {
    candidates.push_back({&trigger});
    found = candidates.end() - 1;
  }
  found->score += weight_of(trigger, phrase);
  found->phrases.emplace_back(phrase);
  found->dispatch_grade = found->dispatch_grade || trigger.dispatch_grade;
}

bool is_declared(const task_trigger& trigger, const declared_capabilities& declared) {
  const auto& names = trigger.kind == capability_kind::skill ? declared.skills : declared.tools;
  return names.contains(trigger.capability);
}

std::vector<candidate> candidates_in(const folded_text& text, const task_table& table,
                                     const declared_capabilities& declared) {
  const auto url = has_url(text);
  const auto filename = has_filename(text);
  auto out = std::vector<candidate>{};
  for (const auto& trigger : table.triggers) {
    const auto guarded = (trigger.requires_url && !url) || (trigger.requires_filename && !filename);
    if (guarded || !is_declared(trigger, declared))
      continue;
    const auto match = trigger.phrases.find(text);
    if (match && !is_noun(text, *match, table))
      add_match(out, trigger, text.original(match->first, match->last));
  }
  return out;
}

}  // namespace

std::string_view name_of(capability_kind k) {
  return k == capability_kind::skill ? "skill" : "tool";
}

std::optional<task_detection> detect_task(std::string_view message, const task_table& table,
                                          const declared_capabilities& declared) {
  const auto text = folded_text{first_characters(message, judged_characters_max)};
  const auto is_vetoed = std::any_of(table.vetoes.begin(), table.vetoes.end(),
                                     [&](const pattern& p) { return p.find(text).has_value(); });
  if (is_vetoed)
    return std::nullopt;
  auto candidates = candidates_in(text, table, declared);
  if (candidates.empty())
    return std::nullopt;
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  const auto& top = candidates.front();
  if (top.score < table.threshold || !top.dispatch_grade)
    return std::nullopt;
  auto out = task_detection{top.trigger->capability, top.trigger->kind, top.score, top.phrases};
  out.dispatchable = true;
  if (candidates.size() > 1) {
    out.runner_up = candidates[1].trigger->capability;
    out.dispatchable = top.score - candidates[1].score >= table.margin;
  }
  return out;
}

void append_detection(std::string& out, const task_detection& d) {
  auto o = json_writer{out};
  o.text("capability", d.capability).text("kind", name_of(d.kind)).number("score", d.score);
  append_json_list(
    o.key("matched_phrases"), d.matched_phrases,
    [](std::string& to, const std::string& phrase) { append_json_string(to, phrase); });
  o.text_or_null("runner_up", d.runner_up.value_or(""), d.runner_up.has_value());
  o.flag("dispatchable", d.dispatchable).close();
}

}  // namespace persona_runtime
