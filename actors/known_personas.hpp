#pragma once
#include "domain/event/journal_rows.hpp"
#include "messages/persona_epoch.hpp"

#include <map>
#include <utility>

namespace persona_runtime {

/// Personas that were read lately, while none has changed since. One thread.
class known_personas {
public:
  /// Null: keeps nothing.
  explicit known_personas(persona_epoch_ptr epoch = nullptr) : epoch_{std::move(epoch)} {}

  /// Null: it has to be read.
  [[nodiscard]] persona_row_ptr find(const persona_id& id);
  /// To be asked before a row is read that is to be kept.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_ == nullptr ? 0 : epoch_->now(); }
  /// Dropped when anything has changed since `read_at`.
  void keep(persona_row_ptr row, std::uint64_t read_at);

private:
  void follow();
  void clear();

  persona_epoch_ptr epoch_;
  std::uint64_t seen_ = 0;
  std::map<persona_id, persona_row_ptr> rows_;  // at most rows_max
  std::size_t bytes_ = 0;                       // of documents; about bytes_max at most
};

}  // namespace persona_runtime
