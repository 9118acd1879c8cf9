#include "domain/memory/chain_edit.hpp"

#include "domain/text/utf8.hpp"

namespace persona_runtime {
namespace {

using why = memory_refusal::why;

constexpr auto identity_bytes_max = std::size_t{256};
constexpr auto metadata_bytes_max = std::size_t{16} << 10;
constexpr auto ulid_length = std::size_t{26};

/// What is wrong with a draft; empty: nothing.
std::string fault_of(const memory_draft& draft) {
  if (stripped(draft.text).empty())
    return "its text is blank";
  if (draft.text.size() > memory_text_bytes_max)
    return "its text is over 64 KiB; shorten it";
  if (!is_valid_utf8(draft.text))
    return "its text is not UTF-8";
  if (draft.id.empty() && draft.ulid.size() != ulid_length)
    return "it has neither an id nor a ULID";
  if (draft.id.size() > identity_bytes_max || draft.logical_id.size() > identity_bytes_max
      || draft.key.size() > identity_bytes_max)
    return "its id, logical id or key is over 256 bytes";
  if (draft.metadata.size() > memory_metadata_max)
    return "it has over 64 entries of metadata";
  auto bytes = std::size_t{0};
  for (const auto& [name, value] : draft.metadata) {
    bytes += name.size() + value.size();
    if (!is_valid_utf8(name) || !is_valid_utf8(value))
      return "its metadata is not UTF-8";
  }
  return bytes > metadata_bytes_max ? "its metadata is over 16 KiB" : "";
}

}  // namespace

std::optional<memory_refusal> check_drafts(const std::vector<memory_draft>& drafts) {
  if (drafts.size() > memory_drafts_max) {
    return memory_refusal{why::invalid, std::to_string(drafts.size())
                                          + " chunks in one request; at most "
                                          + std::to_string(memory_drafts_max)};
  }
  for (auto i = std::size_t{0}; i < drafts.size(); ++i) {
    if (const auto fault = fault_of(drafts[i]); !fault.empty())
      return memory_refusal{why::invalid, "chunk " + std::to_string(i) + ": " + fault};
  }
  return std::nullopt;
}

chain_edit::tip& chain_edit::tip_of(const std::string& chain) {
  const auto [i, fresh] = tips_.try_emplace(chain);
  if (!fresh)
    return i->second;
  const auto versions = before_.chain(chain);
  if (!versions.empty()) {
    const auto& last = versions.back();
    i->second = {last.provenance ? last.provenance->version : 0,
                 last.provenance && last.provenance->retired,
                 false,
                 0,
                 last.id,
                 last.key};
  }
  return i->second;
}

memory_provenance chain_edit::next_provenance(const std::string& chain, const tip& at) const {
  auto from = memory_provenance{};
  from.source = request_.author.source;
  from.logical_id = chain;
  from.version = at.version + 1;
  from.written_at = request_.author.at;
  from.written_by = request_.author.written_by;
  from.reason = request_.author.reason;
  return from;
}

void chain_edit::follow(tip& at, const std::string& chain, memory_chunk chunk) {
  if (at.ours)
    rows_.added[at.added].provenance->superseded_by = chunk.id;
  else if (at.version > 0)
    rows_.linked.push_back({at.id, chunk.id});
  at = {chunk.provenance->version,
        chunk.provenance->retired,
        true,
        rows_.added.size(),
        chunk.id,
        chunk.key};
  ids_.insert(chunk.id);
  chunk.provenance->logical_id = chain;
  rows_.added.push_back(std::move(chunk));
}

std::optional<memory_refusal> chain_edit::add(const memory_draft& draft, const std::string& chain,
                                              bool from_document) {
  auto id = draft.id;
  const auto& place = request_.place;
  if (id.empty() && (chain.empty() || tip_of(chain).version == 0))
    id = memory_chunk_id(place.scope.persona, place.kind, draft.ulid);
  const auto logical = chain.empty() ? id : chain;
  auto& at = tip_of(logical);
  if (id.empty())
    id = memory_version_id(logical, at.version + 1);
  if (ids_.contains(id) || before_.has_chunk(id)) {
    return memory_refusal{why::id_in_use,
                          "chunk " + id + " exists; a version never overwrites another"};
  }
  auto chunk = memory_chunk{};
  chunk.id = std::move(id);
  chunk.text = draft.text;
  chunk.metadata = draft.metadata;
  chunk.content_hash = content_hash_of(draft.text, draft.metadata);
  chunk.created_at = draft.created_at;
  chunk.key = draft.key;
  chunk.provenance = next_provenance(logical, at);
  chunk.provenance->from_document = from_document;
  follow(at, logical, std::move(chunk));
  return std::nullopt;
}

bool chain_edit::retire(const std::string& chain, bool from_document) {
  auto& at = tip_of(chain);
  if (at.version == 0)
    return false;
  if (at.retired)
    return true;
  auto chunk = memory_chunk{};
  chunk.id = memory_version_id(chain, at.version + 1);
  chunk.content_hash = content_hash_of({}, {});
  chunk.created_at = request_.author.at;
  chunk.key = at.key;
  chunk.provenance = next_provenance(chain, at);
  chunk.provenance->retired = true;
  chunk.provenance->from_document = from_document;
  follow(at, chain, std::move(chunk));
  return true;
}

}  // namespace persona_runtime
