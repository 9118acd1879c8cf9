#include "domain/memory/persona_drafts.hpp"

#include "domain/text/shorten.hpp"

namespace persona_runtime {
namespace {

constexpr auto value_bytes_max = std::size_t{4} << 10;  // four of them fit into a chunk's metadata

/// Drafts of one store, with ids and times of the same load.
class draft_list {
public:
  draft_list(instant now, const std::function<std::string()>& fresh_ulid)
    : now_{now}, fresh_ulid_{fresh_ulid} {}

  memory_draft& add(const std::string& text, memory_metadata metadata) {
    auto draft = memory_draft{};
    draft.text = cut(text, memory_text_bytes_max);
    draft.metadata = std::move(metadata);
    draft.ulid = fresh_ulid_();
    draft.created_at = now_;
    drafts_.push_back(std::move(draft));
    return drafts_.back();
  }
  [[nodiscard]] std::vector<memory_draft> take() { return std::move(drafts_); }

private:
  instant now_;
  const std::function<std::string()>& fresh_ulid_;
  std::vector<memory_draft> drafts_;
};

void add_identity(draft_list& out, const persona_identity& who) {
  const auto field = [&](const std::string& name, const std::string& value) {
    out.add(name + ": " + value, {{"field", name}});
  };
  field("name", who.name);
  field("role", who.role);
  field("background", who.background);
  field("language_default", who.language_default);
  for (const auto& constraint : who.constraints)
    field("constraint", constraint);
}

void add_facts(draft_list& out, const std::vector<self_fact>& facts) {
  for (const auto& fact : facts)
    out.add("self_fact: " + fact.fact, {{"confidence", three_decimals(fact.confidence)}}).key =
      fact.key;
}

void add_claims(draft_list& out, const std::vector<worldview_claim>& claims) {
  for (const auto& claim : claims) {
    out
      .add("worldview: " + claim.claim, {{"domain", cut(claim.domain, value_bytes_max)},
                                         {"epistemic", std::string{name_of(claim.tag)}},
                                         {"confidence", three_decimals(claim.confidence)},
                                         {"valid_time", cut(claim.valid_time, value_bytes_max)}})
      .key = claim.key;
  }
}

void add_episodes(draft_list& out, const std::vector<episodic_entry>& entries) {
  for (const auto& entry : entries) {
    out.add(entry.content, {{"importance", three_decimals(entry.importance)}}).created_at =
      entry.created_at.at;
  }
}

}  // namespace

memory_batch index_persona(const persona& p, const persona_id& id, const std::string& written_by,
                           instant now, const std::function<std::string()>& fresh_ulid) {
  auto batch = memory_batch{};
  for (const auto kind : memory_store_kinds) {
    auto drafts = draft_list{now, fresh_ulid};
    switch (kind) {
    case memory_store_kind::identity:
      add_identity(drafts, p.identity);
      break;
    case memory_store_kind::self_facts:
      add_facts(drafts, p.self_facts);
      break;
    case memory_store_kind::worldview:
      add_claims(drafts, p.worldview);
      break;
    case memory_store_kind::episodic:
      add_episodes(drafts, p.episodic);
      break;
    }
    auto request = memory_request{};
    request.place = {shared_scope(id), kind};
    request.author.source = memory_source::user;
    request.author.written_by = written_by.empty() ? "author" : written_by;
    request.author.reason = "the persona's document";
    request.author.at = now;
    request.change = index_memory{drafts.take()};
    batch.push_back(std::move(request));
  }
  return batch;
}

}  // namespace persona_runtime
