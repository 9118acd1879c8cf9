#include "actors/known_personas.hpp"

#include <utility>

namespace persona_runtime {
namespace {

constexpr auto rows_max = std::size_t{1'000};
constexpr auto bytes_max = std::size_t{16} << 20;

std::size_t bytes_of(const persona_row& row) {
  return row.yaml.size() + row.summary.size();
}

}  // namespace

void known_personas::follow() {
  if (const auto now = epoch(); std::exchange(seen_, now) != now)
    clear();
}

void known_personas::clear() {
  rows_.clear();
  bytes_ = 0;
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
  const auto bytes = bytes_of(*row);
  if (rows_.size() >= rows_max || bytes_ + bytes > bytes_max)
    clear();  // rare; the next look-ups fill it again
  auto id = row->id;
  if (rows_.emplace(std::move(id), std::move(row)).second)
    bytes_ += bytes;
}

}  // namespace persona_runtime
