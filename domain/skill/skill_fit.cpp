#include "domain/skill/skill_fit.hpp"

#include "domain/text/utf8.hpp"

namespace persona_runtime {
namespace {

std::uint32_t counted(const text_counter& count, std::string_view text) {
  return static_cast<std::uint32_t>(count(text));
}

/// The end of the longest beginning that takes at most `tokens_max` tokens.
std::size_t longest_beginning(std::string_view text, std::uint32_t tokens_max,
                              const text_counter& count) {
  auto fits = std::size_t{0};
  auto too_long = text.size() + 1;
  while (too_long - fits > 1) {
    const auto middle = fits + (too_long - fits) / 2;
    const auto end = border_at_or_before(text, middle);
    if (end <= fits) {  // one character reaches over the middle
      const auto next = border_at_or_after(text, middle);
      if (next < too_long && counted(count, text.substr(0, next)) <= tokens_max)
        fits = next;
      else
        break;
    } else if (counted(count, text.substr(0, end)) <= tokens_max) {
      fits = end;
    } else {
      too_long = end;
    }
  }
  return fits;
}

fitted_skill cut_to(std::string_view text, std::uint32_t tokens_max, const text_counter& count) {
  const auto marker = counted(count, skill_cut_marker);
  const auto room = tokens_max > marker ? tokens_max - marker : 0;
  auto out = std::string{text.substr(0, room == 0 ? 0 : longest_beginning(text, room, count))};
  out += skill_cut_marker;
  const auto tokens = counted(count, out);
  return {shared_text{std::move(out)}, tokens, false};
}

}  // namespace

fitted_skill fit_skill(const skill& s, std::uint32_t tokens_max, const text_counter& count,
                       const skill_summariser& summarise) {
  if (s.content_tokens <= tokens_max)
    return {s.content, s.content_tokens, true};
  if (!summarise)
    return cut_to(s.content.view(), tokens_max, count);
  auto summary = summarise(s.content.view());
  const auto tokens = counted(count, summary);
  if (tokens <= tokens_max)
    return {shared_text{std::move(summary)}, tokens, false};
  return cut_to(summary, tokens_max, count);
}

void measure(skill& s, const text_counter& count, const skill_summariser& summarise) {
  s.content_tokens = counted(count, s.content.view());
  s.alone = fit_skill(s, s.token_budget.value_or(skill_budget_default), count, summarise);
}

}  // namespace persona_runtime
