#include "domain/memory/align.hpp"
#include "domain/memory/chain_edit.hpp"
#include "domain/memory/history.hpp"
#include "domain/memory/policy.hpp"
#include "domain/memory/write.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

using why = memory_refusal::why;

// More ids than this make no audit event better; how many there were stands beside them.
constexpr auto audited_ids_max = std::size_t{1'000};

memory_audit audit_of(const memory_request& request, audit_action action) {
  auto event = memory_audit{};
  event.at = request.author.at;
  event.scope = request.place.scope;
  event.action = action;
  event.store = audit_store_of(request.place.kind);
  event.source = request.author.source;
  event.written_by = request.author.written_by;
  event.reason = request.author.reason;
  return event;
}

void name_added(memory_audit& event, const std::vector<memory_chunk>& added) {
  for (const auto& chunk : added) {
    event.chunk_ids.push_back(chunk.id);
    if (chunk.provenance)
      event.logical_ids.push_back(chunk.provenance->logical_id);
  }
}

void name_removed(memory_audit& event, const std::vector<std::string>& removed) {
  event.chunk_ids = removed;
  if (removed.size() > audited_ids_max) {
    event.chunk_ids.resize(audited_ids_max);
    event.metadata.emplace("count", std::to_string(removed.size()));
  }
}

std::optional<memory_refusal> judge(const memory_request& request,
                                    const std::vector<memory_draft>& drafts) {
  auto written = std::vector<const memory_metadata*>{};
  for (const auto& draft : drafts)
    written.push_back(&draft.metadata);
  return judge_memory_write(request.place.kind, request.author, written);
}

memory_rows finished(chain_edit& edit, memory_audit event) {
  auto rows = edit.take();
  name_added(event, rows.added);
  if (!rows.added.empty())
    rows.audit = std::move(event);
  return rows;
}

/// The chain that a draft extends: as it says, or the one with its key.
std::string chain_for(const memory_draft& draft, const memory_chains& before) {
  if (!draft.logical_id.empty() || draft.key.empty())
    return draft.logical_id;
  for (const auto& head : before.newest()) {
    if (head.key == draft.key && head.provenance)
      return head.provenance->logical_id;
  }
  return {};
}

memory_decision decide(const memory_request& request, const write_memory& asked,
                       const memory_chains& before) {
  if (asked.drafts.empty())
    return memory_rows{};
  if (auto fault = check_drafts(asked.drafts))
    return *fault;
  if (auto refused = judge(request, asked.drafts))
    return *refused;
  auto edit = chain_edit{request, before};
  for (const auto& draft : asked.drafts) {
    if (auto refused = edit.add(draft, chain_for(draft, before), false))
      return *refused;
  }
  return finished(edit, audit_of(request, audit_action::write));
}

/// Identity has no versions: all of it is replaced when any of it differs.
memory_decision replace_identity(const memory_request& request, const index_memory& asked,
                                 const memory_chains& before) {
  const auto held = before.newest();
  const auto same = [](const memory_chunk& chunk, const memory_draft& draft) {
    return chunk.text == draft.text && chunk.metadata == draft.metadata;
  };
  if (std::ranges::equal(held, asked.drafts, same))
    return memory_rows{};
  auto rows = memory_rows{};
  for (const auto& draft : asked.drafts) {
    auto chunk = memory_chunk{};
    chunk.id = memory_chunk_id(request.place.scope.persona, request.place.kind, draft.ulid);
    if (before.has_chunk(chunk.id))
      return memory_refusal{why::id_in_use, "chunk " + chunk.id + " exists; ids are given once"};
    chunk.text = draft.text;
    chunk.metadata = draft.metadata;
    chunk.content_hash = content_hash_of(draft.text, draft.metadata);
    chunk.created_at = draft.created_at;
    rows.added.push_back(std::move(chunk));
  }
  rows.removed = before.ids();
  if (!rows.removed.empty()) {
    rows.audit = audit_of(request, audit_action::write);
    name_added(*rows.audit, rows.added);
    rows.audit->metadata.emplace("replaced", std::to_string(rows.removed.size()));
  }
  return rows;
}

std::vector<alignable_fact> alignable(const std::vector<memory_chunk>& chunks) {
  auto out = std::vector<alignable_fact>{};
  for (const auto& chunk : chunks)
    out.push_back({chunk.key, chunk.content_hash, chunk.provenance->retired});
  return out;
}

std::vector<alignable_fact> alignable(const std::vector<memory_draft>& drafts) {
  auto out = std::vector<alignable_fact>{};
  for (const auto& draft : drafts)
    out.push_back({draft.key, content_hash_of(draft.text, draft.metadata), false});
  return out;
}

memory_decision align_with_document(const memory_request& request, const index_memory& asked,
                                    const memory_chains& before) {
  const auto held = before.documented();
  const auto changes = align_facts(alignable(held), alignable(asked.drafts));
  auto edit = chain_edit{request, before};
  for (const auto& pair : changes.edited) {
    const auto& chain = held[pair.before].provenance->logical_id;
    if (auto refused = edit.add(asked.drafts[pair.after], chain, true))
      return *refused;
  }
  for (const auto i : changes.added) {
    if (auto refused = edit.add(asked.drafts[i], asked.drafts[i].logical_id, true))
      return *refused;
  }
  for (const auto i : changes.removed)
    edit.retire(held[i].provenance->logical_id, true);
  return finished(edit, audit_of(request, audit_action::write));
}

memory_decision decide(const memory_request& request, const index_memory& asked,
                       const memory_chains& before) {
  if (auto fault = check_drafts(asked.drafts))
    return *fault;
  if (!is_versioned(request.place.kind))
    return replace_identity(request, asked, before);
  if (auto refused = judge(request, asked.drafts))
    return *refused;
  return align_with_document(request, asked, before);
}

/// The version to return to, or why not.
boost::system::result<memory_chunk, memory_refusal>
rollback_target(const rollback_memory& asked, const std::vector<memory_chunk>& chain) {
  if (chain.empty())
    return memory_refusal{why::broken_chain, "there is no chain " + asked.logical_id};
  if (auto fault = check_memory_chain(chain))
    return *fault;
  if (asked.to_version == 0 || asked.to_version > chain.size()) {
    return memory_refusal{why::broken_chain, "chain " + asked.logical_id + " has no version "
                                               + std::to_string(asked.to_version)
                                               + "; available: 1 to "
                                               + std::to_string(chain.size())};
  }
  const auto& target = chain[asked.to_version - 1];
  if (target.provenance->retired) {
    return memory_refusal{why::broken_chain, "version " + std::to_string(asked.to_version)
                                               + " of chain " + asked.logical_id
                                               + " says nothing: the chain was retired there"};
  }
  return target;
}

memory_decision decide(const memory_request& request, const rollback_memory& asked,
                       const memory_chains& before) {
  if (!is_versioned(request.place.kind))
    return memory_refusal{why::forbidden, "identity keeps no history and has no rollback"};
  auto target = rollback_target(asked, before.chain(asked.logical_id));
  if (!target)
    return target.error();
  if (auto refused = judge_memory_write(request.place.kind, request.author, {&target->metadata}))
    return *refused;
  auto reasoned = request;
  if (!reasoned.author.reason)
    reasoned.author.reason = "rollback to version " + std::to_string(asked.to_version);
  auto draft = memory_draft{};
  draft.text = target->text;
  draft.metadata = target->metadata;
  draft.key = target->key;
  draft.created_at = request.author.at;
  auto edit = chain_edit{reasoned, before};
  if (auto refused = edit.add(draft, asked.logical_id, false))
    return *refused;
  auto event = audit_of(reasoned, audit_action::rollback);
  event.metadata.emplace("to_version", std::to_string(asked.to_version));
  return finished(edit, std::move(event));
}

memory_decision decide(const memory_request& request, const retire_memory& asked,
                       const memory_chains& before) {
  if (asked.logical_ids.empty())
    return memory_rows{};
  if (auto refused = judge_memory_write(request.place.kind, request.author, {}))
    return *refused;
  auto edit = chain_edit{request, before};
  for (const auto& id : asked.logical_ids) {
    if (!edit.retire(id, false))
      return memory_refusal{why::broken_chain, "there is no chain " + id};
  }
  auto event = audit_of(request, audit_action::write);
  event.metadata.emplace("retired", "true");
  return finished(edit, std::move(event));
}

memory_decision decide(const memory_request& request, const remove_memory& asked,
                       const memory_chains&) {
  auto rows = memory_rows{};
  if (asked.chunk_ids.empty())
    return rows;
  rows.removed = asked.chunk_ids;
  rows.audit = audit_of(request, audit_action::remove_documents);
  rows.audit->source = memory_source::user;
  name_removed(*rows.audit, asked.chunk_ids);
  return rows;
}

memory_decision decide(const memory_request& request, const delete_memory&,
                       const memory_chains& before) {
  auto rows = memory_rows{};
  rows.removed = before.ids();
  if (rows.removed.empty())
    return rows;
  rows.audit = audit_of(request, audit_action::remove);
  rows.audit->source = memory_source::user;
  name_removed(*rows.audit, rows.removed);
  return rows;
}

memory_decision decide(const memory_request& request, const note_audit& asked,
                       const memory_chains&) {
  auto rows = memory_rows{};
  rows.audit = audit_of(request, asked.action);
  rows.audit->store = asked.store;
  rows.audit->metadata = asked.metadata;
  return rows;
}

}  // namespace

memory_decision decide_memory(const memory_request& request, const memory_chains& before) {
  return std::visit([&](const auto& asked) { return decide(request, asked, before); },
                    request.change);
}

}  // namespace persona_runtime
