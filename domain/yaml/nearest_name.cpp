#include "domain/yaml/nearest_name.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace persona_runtime {
namespace {

constexpr std::size_t name_bytes_max = 64;

std::string folded(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    out += c == '-' || c == ' ' ? '_' : c;
  }
  return out;
}

/// Damerau's distance with neighbours swapped at most once.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest_name(std::string_view wrong,
                                             std::span<const std::string_view> known) {
  if (wrong.empty() || wrong.size() > name_bytes_max)
    return std::nullopt;
  std::string meant = folded(wrong);
  std::optional<std::string_view> best;
  std::size_t best_distance = 0;
  for (auto name : known) {
    std::size_t d = distance(meant, folded(name));
    if (d * 3 <= std::max(name.size(), std::size_t{3}) && (!best || d < best_distance)) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace persona_runtime
