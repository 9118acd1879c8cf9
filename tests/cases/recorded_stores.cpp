#include "tests/cases/recorded_stores.hpp"

#include "tests/cases/case_fields.hpp"
#include "tests/cases/case_text.hpp"

#include <algorithm>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

constexpr auto seeds_begin = std::int64_t{1'767'225'600'000};   // 2026-01-01
constexpr auto writes_begin = std::int64_t{1'790'000'000'000};  // later than any seed

std::vector<memory_chunk> seeds_of(const json::object& scenario, memory_store_kind kind) {
  const auto* stores = scenario.if_contains("stores");
  auto out = std::vector<memory_chunk>{};
  if (stores == nullptr)
    return out;
  for (const auto& item : list(stores->as_object(), std::string{name_of(kind)}.c_str())) {
    const auto& seed = item.as_object();
    auto chunk = memory_chunk{};
    chunk.id = "seed::" + std::string{name_of(kind)} + "::" + std::to_string(out.size());
    chunk.text = field(seed, "text");
    if (const auto* metadata = seed.if_contains("metadata")) {
      for (const auto& each : metadata->as_object())
        chunk.metadata.emplace(each.key(), each.value().as_string());
    }
    const auto at = number(seed, "at_s", out.size());
    chunk.created_at = {seeds_begin + static_cast<std::int64_t>(at) * 1'000};
    auto provenance = memory_provenance{};
    provenance.source =
      kind == memory_store_kind::episodic ? memory_source::system : memory_source::user;
    provenance.logical_id = field(seed, "logical_id");
    chunk.provenance = provenance;
    out.push_back(std::move(chunk));
  }
  return out;
}

bool is_left_out(const recall_request& what, const memory_chunk& chunk) {
  return std::ranges::find(what.left_out, chunk.id) != what.left_out.end();
}

}  // namespace

recorded_stores::recorded_stores(const json::object& scenario)
  : identity_{seeds_of(scenario, memory_store_kind::identity)},
    self_facts_{seeds_of(scenario, memory_store_kind::self_facts)},
    worldview_{seeds_of(scenario, memory_store_kind::worldview)}, episodic_{seeds_of(
                                                                    scenario,
                                                                    memory_store_kind::episodic)} {
}

std::vector<memory_chunk> recorded_stores::alike(const std::vector<memory_chunk>& seeds,
                                                 const recall_request& what,
                                                 std::uint32_t k) const {
  auto out = std::vector<memory_chunk>{};
  for (const auto& seed : seeds) {
    if (out.size() < k && !is_left_out(what, seed))
      out.push_back(seed);
  }
  return out;
}

std::vector<memory_chunk> recorded_stores::newest(const recall_request& what,
                                                  std::uint32_t k) const {
  auto all = episodic_;
  all.insert(all.end(), written_.begin(), written_.end());
  std::erase_if(all, [&](const memory_chunk& chunk) { return is_left_out(what, chunk); });
  std::ranges::stable_sort(all, std::greater{}, &memory_chunk::created_at);
  all.resize(std::min<std::size_t>(all.size(), k));
  return all;
}

recalled_memory recorded_stores::recall(const recall_request& what, json::array& rows) const {
  const auto k = recall_budget(what.top_k, what.history_turns);
  for (const auto* store : {"self_facts", "worldview", "episodic"})
    rows.push_back(json::object{{"kind", "store_query"},
                                {"store", store},
                                {"top_k", k},
                                {"query", shown(json::value(what.text), {})}});
  auto memory = recalled_memory{};
  memory.identity = static_cast<std::uint32_t>(identity_.size());
  memory.self_facts = alike(self_facts_, what, k);
  memory.worldview = alike(worldview_, what, k);
  memory.episodic = alike(episodic_, what, k);
  if (what.history_turns) {
    const auto share = recent_share(k);
    rows.push_back(json::object{{"kind", "store_recent"}, {"store", "episodic"}, {"limit", share}});
    memory.episodic = with_recent(newest(what, share), std::move(memory.episodic), k);
  }
  return memory;
}

json::object write_row(const persona_id& persona, const memory_chunk& chunk) {
  auto metadata = json::object{};
  for (const auto& [name, value] : chunk.metadata)
    metadata[name] = value;
  const auto& provenance = chunk.provenance.value();
  return {{"kind", "store_write"},
          {"store", "episodic"},
          {"id", memory_chunk_id(persona, memory_store_kind::episodic, "<ulid>")},
          {"text", chunk.text},
          {"metadata", std::move(metadata)},
          {"source", name_of(provenance.source)},
          {"written_by", provenance.written_by.value_or("")}};
}

json::object recorded_stores::write(const memory_request& episode) {
  const auto& place = episode.place;
  const auto& draft = std::get<write_memory>(episode.change).drafts.at(0);
  auto chunk = memory_chunk{};
  chunk.id = memory_chunk_id(place.scope.persona, place.kind, draft.ulid);
  chunk.text = draft.text;
  chunk.metadata = draft.metadata;
  chunk.created_at = {writes_begin + static_cast<std::int64_t>(written_.size())};
  auto provenance = memory_provenance{};
  provenance.source = episode.author.source;
  provenance.written_by = episode.author.written_by;
  chunk.provenance = provenance;
  written_.push_back(chunk);
  return write_row(place.scope.persona, chunk);
}

std::optional<learned_autonomy> recorded_stores::learned() const {
  for (auto i = self_facts_.rbegin(); i != self_facts_.rend(); ++i) {
    if (i->provenance->logical_id != "autonomy")
      continue;
    auto head = learned_autonomy{};
    if (const auto level = i->metadata.find("autonomy_level"); level != i->metadata.end())
      head.level = level->second;
    return head;
  }
  return std::nullopt;
}

}  // namespace persona_runtime::test
