#include "domain/prompt/build_prompt.hpp"

#include <algorithm>
#include <span>

namespace persona_runtime {
namespace {

/// Sections in the order of spec runtime §5.2; what a stage leaves out is not among them.
class section_list {
public:
  explicit section_list(const persona_frame& frame) : opener_{frame.opener} {
    add(frame.language);
    add(frame.prohibitions);
  }

  void add(const prompt_section& s) {
    if (!s.empty())
      middle_[used_++] = &s;
  }

  void add_memory(const memory_sections& memory, const reduction_stage& without) {
    if (!without.self_facts)
      add(memory.self_facts);
    if (!without.worldview)
      add(memory.worldview);
    if (!without.episodic)
      add(memory.episodic);
  }

  void add_tool_blocks(const persona_frame& frame) {
    add(frame.workspace);
    add(frame.produced_files);
    add(frame.app_discovery);
  }

  [[nodiscard]] message_ptr message_with(const prompt_ending& last) const {
    auto between = std::uint32_t{0};
    auto bytes = opener_.text.size() + last.text.size() + section_gap.size();
    for (const auto* s : shown()) {
      between += s->with_gap;
      bytes += s->text.size() + section_gap.size();
    }
    auto text = std::string{};
    text.reserve(bytes);
    text.append(opener_.text.view()).append(section_gap);
    for (const auto* s : shown())
      text.append(s->text.view()).append(section_gap);
    text.append(last.text.view());
    auto out = message{};
    out.from = role::system;
    out.size = {opener_.with_role + between + last.alone,
                opener_.with_role + between + last.with_line};
    out.content = shared_text{std::move(text)};
    return std::make_shared<const message>(std::move(out));
  }

private:
  [[nodiscard]] std::span<const prompt_section* const> shown() const {
    return std::span{middle_}.first(used_);
  }

  const prompt_opening& opener_;
  std::array<const prompt_section*, 13> middle_{};
  std::size_t used_ = 0;
};

section_list sections_of(const prompt_parts& parts, const reduction_stage& without) {
  auto out = section_list{*parts.frame};
  out.add_memory(parts.memory, without);
  out.add(parts.skill_index);
  out.add(parts.skills);
  out.add(parts.client_instructions);
  out.add_tool_blocks(*parts.frame);
  return out;
}

std::uint64_t sum_of(std::span<const prompt_item> items) {
  auto total = std::uint64_t{0};
  for (const auto& item : items)
    total += item.tokens;
  return total;
}

/// With everything.
std::uint64_t size_of(const prompt_parts& parts) {
  const auto& frame = *parts.frame;
  auto total = std::uint64_t{frame.opener.with_gap} + frame.footer.alone;
  for (const auto* s :
       {&frame.language, &frame.prohibitions, &frame.workspace, &frame.produced_files,
        &frame.app_discovery, &parts.memory.self_facts, &parts.memory.worldview,
        &parts.memory.episodic, &parts.skill_index, &parts.skills, &parts.client_instructions})
    total += s->with_gap;
  return total + parts.summary.tokens + sum_of(parts.history) + parts.user.tokens;
}

std::uint64_t saved_by(const reduction_stage& without, const memory_sections& memory) {
  return (without.episodic ? memory.episodic.with_gap : 0u)
         + (without.worldview ? memory.worldview.with_gap : 0u)
         + std::uint64_t{without.self_facts ? memory.self_facts.with_gap : 0u};
}

/// Where the second group of `history` begins; its size when there is only one.
std::size_t first_group(std::span<const prompt_item> history) {
  const auto next = std::find_if(history.begin() + 1, history.end(), [](const prompt_item& item) {
    return item.message->from == role::user;
  });
  return static_cast<std::size_t>(next - history.begin());
}

void append_messages(message_list& out, const prompt_parts& parts, std::size_t history_begin) {
  const auto history = std::span{parts.history}.subspan(history_begin);
  out.reserve(out.size() + history.size() + 2);
  if (parts.summary.message)
    out.push_back(parts.summary.message);
  for (const auto& item : history)
    out.push_back(item.message);
  if (parts.user.message)
    out.push_back(parts.user.message);
}

}  // namespace

prompt_item make_item(message_ptr m, const text_counter& count) {
  const auto tokens = static_cast<std::uint32_t>(count(m->content.view()));
  return {std::move(m), tokens};
}

built_prompt build_prompt(const prompt_parts& parts) {
  const auto full = size_of(parts);
  auto out = built_prompt{};
  auto& report = out.report;
  auto without = reduction_stage{};
  report.tokens = full;
  for (const auto& stage : reduction_stages) {
    if (report.tokens <= parts.tokens_max)
      break;
    without = stage;
    report.tokens = full - saved_by(stage, parts.memory);
  }
  while (report.tokens > parts.tokens_max && report.history_dropped < parts.history.size()) {
    const auto left = std::span{parts.history}.subspan(report.history_dropped);
    const auto group = first_group(left);
    report.tokens -= sum_of(left.first(group));
    report.history_dropped += group;
  }
  report.episodic_dropped = without.episodic && !parts.memory.episodic.empty();
  report.worldview_dropped = without.worldview && !parts.memory.worldview.empty();
  report.self_facts_dropped = without.self_facts && !parts.memory.self_facts.empty();
  report.over_budget = report.tokens > parts.tokens_max;
  out.messages.push_back(sections_of(parts, without).message_with(parts.frame->footer));
  append_messages(out.messages, parts, report.history_dropped);
  return out;
}

message_ptr build_floor(const persona_frame& frame, const memory_sections& memory,
                        const prompt_section& skill_index, const prompt_ending& framing) {
  auto sections = section_list{frame};
  sections.add_memory(memory, {});
  sections.add(skill_index);
  sections.add_tool_blocks(frame);
  if (framing.empty())
    return sections.message_with(frame.footer);
  sections.add(frame.footer);
  return sections.message_with(framing);
}

}  // namespace persona_runtime
