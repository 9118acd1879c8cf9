#pragma once
// Changes to memory as values: what is asked, and what then is to be written down. The rules that
// lead from one to the other are pure; whoever holds the chains (the store's only writer) carries
// the outcome out in one transaction.

#include "domain/memory/audit.hpp"
#include "domain/memory/chunk.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace persona_runtime {

/// Something new to remember. The ULID comes from the caller, who has clock and randomness.
struct memory_draft {
  std::string text;
  memory_metadata metadata{};
  std::string ulid;  // 26 characters; becomes part of the id of a new chain
  instant created_at{};
  std::string key{};         // of a fact; extends the chain that has it
  std::string logical_id{};  // a chain to extend, or the name of a new one; empty: the chunk's id
  std::string id{};          // empty: made from the ULID, or from chain and version
  friend bool operator==(const memory_draft&, const memory_draft&) = default;
};

/// Who writes and why; the policy judges it.
struct memory_author {
  memory_source source = memory_source::system;
  std::optional<std::string> written_by{};
  std::optional<std::string> reason{};
  bool force = false;
  instant at{};  // now: becomes written_at
  friend bool operator==(const memory_author&, const memory_author&) = default;
};

/// Asks for chunks to be added, or to follow the newest version of their chain. All or none.
struct write_memory {
  std::vector<memory_draft> drafts;
  friend bool operator==(const write_memory&, const write_memory&) = default;
};

/// Asks for a store to say what a persona's document says (persona-tools §6). The drafts are
/// aligned with what the document said before (align.hpp): chains go on, new ones begin, the rest
/// is retired. Chains that began elsewhere stay, and so does what became of a chain since (a
/// rollback, a retirement) until the document itself changes. Identity is replaced when it
/// differs, past the policy.
struct index_memory {
  std::vector<memory_draft> drafts;
  friend bool operator==(const index_memory&, const index_memory&) = default;
};

/// Asks for a further version that says what `to_version` said. Under the same policy as a write.
struct rollback_memory {
  std::string logical_id;
  std::uint32_t to_version = 0;
  friend bool operator==(const rollback_memory&, const rollback_memory&) = default;
};

/// Asks for chains to end: nothing finds them any more, their history stays. Under the policy.
struct retire_memory {
  std::vector<std::string> logical_ids;
  friend bool operator==(const retire_memory&, const retire_memory&) = default;
};

/// Asks for single versions to be removed for good, by their own ids. Unknown ids are passed over.
struct remove_memory {
  std::vector<std::string> chunk_ids;
  friend bool operator==(const remove_memory&, const remove_memory&) = default;
};

/// Asks for all of the store to be removed for good.
struct delete_memory {
  friend bool operator==(const delete_memory&, const delete_memory&) = default;
};

/// Asks for an audit event about something that is kept elsewhere: a skill, what a tool did.
/// Changes no chunk.
struct note_audit {
  audit_store store = audit_store::tool;
  audit_action action = audit_action::write;
  memory_metadata metadata{};
  friend bool operator==(const note_audit&, const note_audit&) = default;
};

using memory_change = std::variant<write_memory, index_memory, rollback_memory, retire_memory,
                                   remove_memory, delete_memory, note_audit>;

/// One change of one store. Applied as a whole or not at all.
struct memory_request {
  memory_place place;
  memory_author author;
  memory_change change;
  friend bool operator==(const memory_request&, const memory_request&) = default;
};

/// What rides in one transaction with other rows, in order; later ones see earlier ones.
using memory_batch = std::vector<memory_request>;

/// Why a change was refused; nothing of it was written.
struct memory_refusal {
  enum class why : std::uint8_t {
    forbidden,       // the policy: RuntimeWriteForbidden
    self_forbidden,  // the policy, to the persona itself: PersonaSelfWriteForbidden
    broken_chain,    // no such chain or version, or a chain that is not whole
    id_in_use,       // a chunk of this id exists
    invalid,         // a draft that cannot be stored: a bound, a missing ULID
  };
  why kind = why::forbidden;
  std::string detail{};
  friend bool operator==(const memory_refusal&, const memory_refusal&) = default;
};

/// "RuntimeWriteForbidden", "PersonaSelfWriteForbidden", "BrokenVersionChain", …
[[nodiscard]] std::string_view name_of(memory_refusal::why kind);

/// As a validation_error that begins with the refusal's name.
[[nodiscard]] failure to_failure(const memory_refusal& refusal);

/// Id of a chunk that has been followed, and of the one that follows.
struct memory_link {
  std::string from;
  std::string to;
  friend bool operator==(const memory_link&, const memory_link&) = default;
};

/// What is to be written down, in this order; empty when nothing changes.
struct memory_rows {
  std::vector<std::string> removed{};  // ids
  std::vector<memory_link> linked{};   // superseded_by of heads
  std::vector<memory_chunk> added{};
  std::optional<memory_audit> audit{};
  friend bool operator==(const memory_rows&, const memory_rows&) = default;
};

/// What the rules need to see of the store that is changed.
class memory_chains {
public:
  virtual ~memory_chains() = default;
  /// All versions in order; empty: unknown.
  [[nodiscard]] virtual std::vector<memory_chunk> chain(const std::string& logical_id) const = 0;
  [[nodiscard]] virtual bool has_chunk(const std::string& id) const = 0;
  /// Of each chain the newest version, retired ones too, by the age of the chain, oldest first.
  [[nodiscard]] virtual std::vector<memory_chunk> newest() const = 0;
  /// Of each chain the newest version that came from the document, in the same order; chains
  /// without one are left out.
  [[nodiscard]] virtual std::vector<memory_chunk> documented() const = 0;
  /// Ids of everything that is there, oldest first.
  [[nodiscard]] virtual std::vector<std::string> ids() const = 0;
};

using memory_decision = boost::system::result<memory_rows, memory_refusal>;
[[noreturn]] void throw_exception_from_error(const memory_refusal& refusal,
                                             const boost::source_location&);

/// The write algorithm of persona-tools §4.3 with §25.1 put right. Reads of `before` only what the
/// change touches: a write costs the same however much is stored.
[[nodiscard]] memory_decision decide_memory(const memory_request& request,
                                            const memory_chains& before);

/// Bounds of one request.
inline constexpr auto memory_drafts_max = std::size_t{1'000};
inline constexpr auto memory_text_bytes_max = std::size_t{64} << 10;
inline constexpr auto memory_metadata_max = std::size_t{64};  // entries

}  // namespace persona_runtime
