#pragma once
// What a persona remembers, as values: one chunk of text with where it came from, in one of four
// stores of one scope.

#include "domain/failure.hpp"
#include "domain/ids.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

enum class memory_store_kind : std::uint8_t { identity, self_facts, worldview, episodic };
inline constexpr auto memory_store_kinds =
  std::array{memory_store_kind::identity, memory_store_kind::self_facts,
             memory_store_kind::worldview, memory_store_kind::episodic};

/// Who wrote: the runtime, a person (the author too), or the persona itself.
enum class memory_source : std::uint8_t { system, user, persona_self };

/// "identity", "self_facts", …; "system", "user", "persona_self".
[[nodiscard]] std::string_view name_of(memory_store_kind kind);
[[nodiscard]] std::string_view name_of(memory_source source);
[[nodiscard]] std::optional<memory_store_kind> memory_store_kind_of(std::string_view name);
[[nodiscard]] std::optional<memory_source> memory_source_of(std::string_view name);

/// Whose memory. What the persona's author wrote is shared by all who talk with it: then owner and
/// user are empty. What was said in talks belongs to (owner, persona, user).
struct memory_scope {
  persona_id persona;
  owner_id owner{};
  std::string user{};
  friend auto operator<=>(const memory_scope&, const memory_scope&) = default;
};

/// The author's part of a persona's memory.
[[nodiscard]] memory_scope shared_scope(const persona_id& persona);
[[nodiscard]] bool is_shared(const memory_scope& scope);

/// The memory of one's talks; `user` empty: the owner himself is the user.
[[nodiscard]] memory_scope talk_scope(const persona_id& persona, const owner_id& owner,
                                      const std::string& user);

/// One store of one scope: what a write changes, what an index covers.
struct memory_place {
  memory_scope scope;
  memory_store_kind kind = memory_store_kind::episodic;
  friend auto operator<=>(const memory_place&, const memory_place&) = default;
};

using memory_metadata = std::map<std::string, std::string>;

/// Where a version of a chunk came from and which one followed it.
struct memory_provenance {
  memory_source source = memory_source::system;
  std::string logical_id;                      // groups the versions of one thing into a chain
  std::uint32_t version = 1;                   // at least 1, dense in its chain
  std::optional<std::string> superseded_by{};  // id of the chunk that followed
  instant written_at{};
  std::optional<std::string> written_by{};
  std::optional<std::string> reason{};
  bool retired = false;        // the chain ends here: nothing is said any more, the history stays
  bool from_document = false;  // the persona's document says this, or said it
  friend bool operator==(const memory_provenance&, const memory_provenance&) = default;
};

struct memory_chunk {
  std::string id;
  std::string text;
  memory_metadata metadata{};
  std::string content_hash{};                     // of text and metadata; see content_hash_of
  std::optional<memory_provenance> provenance{};  // none for identity
  instant created_at{};
  std::string key{};                 // the author's own name for a fact; empty: none
  std::optional<double> distance{};  // cosine distance, filled by queries only
  friend bool operator==(const memory_chunk&, const memory_chunk&) = default;
};

/// SHA-256, 64 hex digits, over text and metadata, each length-prefixed, so that no two different
/// contents are written alike. Id, times, provenance and distance do not count.
[[nodiscard]] std::string content_hash_of(std::string_view text, const memory_metadata& metadata);

/// Fills in an empty content hash. @errors validation_error: a given hash is not that of the
/// content; a version 0; an empty id or logical id
[[nodiscard]] result<memory_chunk> checked_chunk(memory_chunk chunk);

/// A chunk of the newest version, which is not retired, or one without provenance.
[[nodiscard]] bool is_head(const memory_chunk& chunk);

/// "PERSONA::KIND::ULID": ids of later instants are greater, none is given twice.
[[nodiscard]] std::string memory_chunk_id(const persona_id& persona, memory_store_kind kind,
                                          std::string_view ulid);

/// Id of a later version: "LOGICAL::v0002". Every version has its own, so that none overwrites
/// another.
[[nodiscard]] std::string memory_version_id(std::string_view logical_id, std::uint32_t version);

/// Metadata `importance` as a number of 0..1; 0.5 when there is none or it is no number.
[[nodiscard]] double importance_of(const memory_metadata& metadata);

/// A confidence or an importance as metadata holds it: three decimals.
[[nodiscard]] std::string three_decimals(double value);

}  // namespace persona_runtime
