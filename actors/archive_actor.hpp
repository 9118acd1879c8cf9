#pragma once
#include "actors/spending.hpp"
#include "messages/archive_messages.hpp"
#include "providers/store/journal_store.hpp"

#include <caf/stateful_actor.hpp>

#include <functional>
#include <map>
#include <memory>

namespace persona_runtime {

/// What the archive needs to know of personas; made by bootstrap. Called on the archive's thread.
struct persona_rules {
  /// What runs of this persona share, and its stored form. Fails with validation_error (the stored
  /// document does not parse any more).
  std::function<result<std::pair<setup_ptr, shared_text>>(const persona_row&)> make_setup;
  /// Checks a document and makes its row. Fails with validation_error.
  std::function<result<persona_row>(const check_persona&)> make_row;
  /// The row with the change in it and a later `updated_at`; the same row when it says nothing new.
  /// Fails with validation_error.
  std::function<result<persona_row>(const persona_row&, const persona_change&, const asker&)>
    change_row;
  /// What a change that was made is to leave in memory, beside the document. May be empty.
  std::function<memory_batch(const persona_row&, const persona_change&)> memory_of_change;
  /// What a row's document says to remember. May be empty: nothing then.
  std::function<memory_batch(const persona_row&)> memory_of;
  /// The spending caps of its document. May be empty: nobody has any.
  std::function<spending_caps(const persona_row&)> caps_of;
  /// Somebody is about to use this persona: its document as it is now. May be empty.
  std::function<void(const persona_row&)> on_use;
  /// PersonaDetail of a row.
  std::function<std::string(const persona_row&)> detail_of;
  std::function<std::string(const persona_row&)> skills_of;     // JSON list
  std::function<message_size(role, std::string_view)> size_of;  // of texts of any length
  std::function<std::string(std::string_view)> hash_of;         // SHA-256, hex
  std::function<instant()> now;
  /// Makes sure that the workspace of this owner's persona exists. May be empty.
  std::function<void(const owner_id&, const persona_id&)> open_workspace;
};

struct archive_life : stays_here {
  struct known_setup {
    instant updated_at;
    setup_ptr setup;
    shared_text text;
    std::string hash;
  };
  static inline const char* name = "archive";
  std::unique_ptr<journal_reader> reader;
  std::unique_ptr<chunk_reader> memory;
  persona_rules rules;
  std::map<persona_id, known_setup> by_persona;  // at most setups_max
  std::map<std::string, setup_ptr> by_hash;      // likewise
};

/// Reads what is stored and prepares what is to be run; nothing here changes the store.
///
/// Spawned by: bootstrap, one or two per store, detached: reading blocks, and long texts are
///             counted here.
/// Thread:     its own.
/// Sends:      answers only.
/// Dies:       on an exit message.
archive_actor::behavior_type archive_behavior(archive_actor::stateful_pointer<archive_life> self,
                                              std::shared_ptr<journal_store> store,
                                              persona_rules rules);

}  // namespace persona_runtime
