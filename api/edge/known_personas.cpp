#include "api/edge/known_personas.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto rows_max = std::size_t{1'000};

}  // namespace

void known_personas::follow() {
  if (const auto now = epoch(); std::exchange(seen_, now) != now)
    rows_.clear();
}

persona_row_ptr known_personas::find(const persona_id& id) {
  follow();
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : found->second;
}

void known_personas::keep(persona_row_ptr row, std::uint64_t read_at) {
  follow();
  if (epoch_ == nullptr || read_at != seen_)
    return;
  if (rows_.size() >= rows_max)
    rows_.clear();  // rare; the next look-ups fill it again
  auto id = row->id;
  rows_.insert_or_assign(std::move(id), std::move(row));
}

}  // namespace persona_runtime
