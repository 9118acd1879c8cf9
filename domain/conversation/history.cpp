#include "domain/conversation/history.hpp"

#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <utility>

namespace persona_runtime {
namespace {

failure unfit_history(std::string what) {
  return {errc::validation_error, std::move(what)};
}

std::size_t folded_count(const conversation& c) {
  return std::min<std::size_t>(c.compacted_up_to, c.messages.size());
}

std::string_view without_end_blanks(std::string_view text) {
  while (!text.empty()) {
    const auto last = border_at_or_before(text, text.size() - 1);
    const auto step = decode_at(text, last);
    if (!step.valid || !is_blank(step.code))
      break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

message_ptr as_prompt_message(const conversation_message& m, const message_sizer& size) {
  auto out = message{};
  out.from = m.from;
  out.content = shared_text{text_of(m)};
  out.calls = m.tool_calls;
  if (const auto* blocks = std::get_if<std::vector<content_block>>(&m.content)) {
    for (const auto& block : *blocks) {
      if (const auto* image = std::get_if<image_block>(&block))
        out.images.push_back({image->workspace_path, image->type, {}});
    }
  }
  out.size = size(out.from, out.content.view());
  return std::make_shared<const message>(std::move(out));
}

void append_images(std::string& out, const conversation_message& m) {
  const auto* blocks = std::get_if<std::vector<content_block>>(&m.content);
  if (blocks == nullptr)
    return;
  for (const auto& block : *blocks) {
    if (const auto* image = std::get_if<image_block>(&block))
      out.append(" [image ").append(image->workspace_path).append("]");
  }
}

}  // namespace

result<history_rules> checked(const history_rules& rules) {
  if (rules.compact_every == 0)
    return unfit_history("compact_every must be at least 1");
  if (rules.keep_recent == 0)
    return unfit_history("keep_recent must be at least 1");
  if (rules.keep_recent >= rules.compact_every) {
    return unfit_history("keep_recent (" + std::to_string(rules.keep_recent)
                         + ") must be below compact_every (" + std::to_string(rules.compact_every)
                         + "), or nothing is ever compacted");
  }
  return rules;
}

std::optional<message_range> due_fold(const conversation& c, const history_rules& rules) {
  const auto first = folded_count(c);
  if (c.messages.size() - first <= rules.compact_every)
    return std::nullopt;
  return message_range{first, c.messages.size() - rules.keep_recent};
}

std::string fold_text(const conversation& c, const message_range& range) {
  auto out = std::string{};
  for (auto i = range.first; i < std::min(range.last, c.messages.size()); ++i) {
    const auto& m = c.messages[i];
    if (i != range.first)
      out += '\n';
    out.append(name_of(m.from)).append(": ").append(text_of(m));
    append_images(out, m);
  }
  return out;
}

std::string joined_summary(std::string_view summary, std::string_view segment) {
  segment = stripped(segment);
  if (segment.empty())
    return std::string{summary};
  if (summary.empty())
    return std::string{segment};
  return std::string{without_end_blanks(summary)}.append("\n\n").append(segment);
}

bool apply_fold(conversation& c, const message_range& range, std::string summary) {
  const auto fits =
    range.first == c.compacted_up_to && range.first < range.last && range.last <= c.messages.size();
  if (!fits)
    return false;
  c.compacted_summary = std::move(summary);
  c.compacted_up_to = static_cast<std::uint32_t>(range.last);
  return true;
}

message_list prompt_history(const conversation& c, std::string_view lead_in,
                            const message_sizer& size) {
  auto out = message_list{};
  if (holds_summary(c)) {
    auto summary = message{};
    summary.from = role::system;
    summary.kind = message_kind::history_summary;
    summary.content = shared_text{std::string{lead_in}.append(c.compacted_summary)};
    summary.size = size(summary.from, summary.content.view());
    out.push_back(std::make_shared<const message>(std::move(summary)));
  }
  for (auto i = folded_count(c); i < c.messages.size(); ++i)
    out.push_back(as_prompt_message(c.messages[i], size));
  return out;
}

bool holds_summary(const conversation& c) {
  return !c.compacted_summary.empty();
}

}  // namespace persona_runtime
