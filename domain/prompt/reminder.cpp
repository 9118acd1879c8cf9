#include "domain/prompt/reminder.hpp"

#include "domain/prompt/memory_sections.hpp"
#include "domain/text/shorten.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr auto chunk_bytes_max = std::size_t{4'000};

/// As the document has it: the stores put a word in front.
std::string_view bare_text(const memory_chunk& chunk) {
  auto text = std::string_view{chunk.text};
  if (!chunk.provenance || !chunk.provenance->from_document)
    return text;
  for (const auto prefix : {std::string_view{"self_fact: "}, std::string_view{"worldview: "}}) {
    if (text.starts_with(prefix))
      return text.substr(prefix.size());
  }
  return text;
}

std::vector<memory_line> new_lines(const std::vector<memory_chunk>& chunks,
                                   std::string_view floor) {
  auto lines = std::vector<memory_line>{};
  for (const auto& chunk : chunks) {
    const auto text = bare_text(chunk);
    if (floor.find(text) != std::string_view::npos)
      continue;
    auto line = memory_line{shared_text{cut(text, chunk_bytes_max)}};
    if (const auto tag = chunk.metadata.find("epistemic"); tag != chunk.metadata.end())
      line.tag = tag->second;
    line.by_author = chunk.provenance && chunk.provenance->source == memory_source::user;
    lines.push_back(std::move(line));
  }
  return lines;
}

bool needs_envelope(const retrieved_memory& found) {
  const auto strange = [](const auto& lines) {
    return !std::ranges::all_of(lines, &memory_line::by_author);
  };
  return strange(found.self_facts) || strange(found.worldview) || strange(found.episodic);
}

}  // namespace

std::string why_degraded(const recalled_memory& memory, memory_store_kind store) {
  if (std::ranges::find(memory.missing, store) != memory.missing.end())
    return "unavailable";
  // The identity is read, not searched.
  return memory.degraded && store != memory_store_kind::identity ? "words_only" : "";
}

std::string reminder_text(const recalled_memory& memory, std::string_view floor,
                          const floor_texts& texts, const std::function<std::string()>& nonce) {
  const auto found =
    retrieved_memory{new_lines(memory.self_facts, floor), new_lines(memory.worldview, floor),
                     new_lines(memory.episodic, floor)};
  const auto uncounted = [](std::string_view) { return std::size_t{0}; };
  const auto sections =
    make_memory_sections(found, texts, needs_envelope(found) ? nonce() : std::string{}, uncounted);
  auto out = std::string{};
  for (const auto* section : {&sections.self_facts, &sections.worldview, &sections.episodic}) {
    if (section->empty())
      continue;
    out.append(out.empty() ? "" : section_gap).append(section->text.view());
  }
  return out;
}

}  // namespace persona_runtime
