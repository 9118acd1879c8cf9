#include "domain/tool/line_edits.hpp"

#include <algorithm>
#include <optional>

namespace persona_runtime {
namespace {

constexpr std::ptrdiff_t search_max = 2'000;

using index = std::ptrdiff_t;
using line_numbers = std::vector<std::uint32_t>;

/// A part of both lists: [a0, a1) and [b0, b1).
struct edit_area {
  index a0, a1, b0, b1;
};

/// A run of equal lines through which a shortest way leads; may be empty.
struct snake {
  index a0, b0, a1, b1;
};

class differ {
public:
  differ(const line_numbers& a, const line_numbers& b) : a_{a}, b_{b} {
    edits_.removed.assign(a.size(), false);
    edits_.added.assign(b.size(), false);
  }

  line_edits run() {
    auto open =
      std::vector<edit_area>{{0, static_cast<index>(a_.size()), 0, static_cast<index>(b_.size())}};
    while (!open.empty()) {
      const auto p = trimmed(open.back());
      open.pop_back();
      if (p.a0 == p.a1 || p.b0 == p.b1) {
        replace(p);
        continue;
      }
      const auto middle = middle_snake(p);
      if (!middle) {
        replace(p);
        continue;
      }
      open.push_back({p.a0, middle->a0, p.b0, middle->b0});
      open.push_back({middle->a1, p.a1, middle->b1, p.b1});
    }
    return std::move(edits_);
  }

private:
  bool same(index x, index y) const {
    return a_[static_cast<std::size_t>(x)] == b_[static_cast<std::size_t>(y)];
  }

  edit_area trimmed(edit_area p) const {
    while (p.a0 < p.a1 && p.b0 < p.b1 && same(p.a0, p.b0)) {
      ++p.a0;
      ++p.b0;
    }
    while (p.a0 < p.a1 && p.b0 < p.b1 && same(p.a1 - 1, p.b1 - 1)) {
      --p.a1;
      --p.b1;
    }
    return p;
  }

  void replace(const edit_area& p) {
    std::fill(edits_.removed.begin() + p.a0, edits_.removed.begin() + p.a1, true);
    std::fill(edits_.added.begin() + p.b0, edits_.added.begin() + p.b1, true);
  }

  /// Searches from both ends at once; where the two meet is on a shortest way.
  std::optional<snake> middle_snake(const edit_area& p) {
    const auto n = p.a1 - p.a0;
    const auto m = p.b1 - p.b0;
    const auto most = std::min((n + m + 1) / 2, search_max);
    const auto width = static_cast<std::size_t>(2 * most + 3);
    forward_.assign(width, 0);
    backward_.assign(width, 0);
    for (index d = 0; d <= most; ++d) {
      if (const auto found = extend_forward(p, d, most))
        return found;
      if (const auto found = extend_backward(p, d, most))
        return found;
    }
    return std::nullopt;
  }

  static index& at(std::vector<index>& reach, index k, index most) {
    return reach[static_cast<std::size_t>(k + most + 1)];
  }

  std::optional<snake> extend_forward(const edit_area& p, index d, index most) {
    const auto n = p.a1 - p.a0;
    const auto m = p.b1 - p.b0;
    const auto delta = n - m;
    for (auto k = -d; k <= d; k += 2) {
      const auto down =
        k == -d || (k != d && at(forward_, k - 1, most) < at(forward_, k + 1, most));
      auto x = down ? at(forward_, k + 1, most) : at(forward_, k - 1, most) + 1;
      if (d == 0)
        x = 0;
      const auto x0 = x;
      while (x < n && x - k >= 0 && x - k < m && same(p.a0 + x, p.b0 + x - k))
        ++x;
      at(forward_, k, most) = x;
      const auto mirrored = delta - k;
      if (delta % 2 != 0 && std::abs(mirrored) <= d - 1 && x + at(backward_, mirrored, most) >= n)
        return inside(p, {p.a0 + x0, p.b0 + x0 - k, p.a0 + x, p.b0 + x - k});
    }
    return std::nullopt;
  }

  std::optional<snake> extend_backward(const edit_area& p, index d, index most) {
    const auto n = p.a1 - p.a0;
    const auto m = p.b1 - p.b0;
    const auto delta = n - m;
    for (auto k = -d; k <= d; k += 2) {
      const auto down =
        k == -d || (k != d && at(backward_, k - 1, most) < at(backward_, k + 1, most));
      auto x = down ? at(backward_, k + 1, most) : at(backward_, k - 1, most) + 1;
      if (d == 0)
        x = 0;
      const auto x0 = x;
      while (x < n && x - k >= 0 && x - k < m && same(p.a1 - x - 1, p.b1 - (x - k) - 1))
        ++x;
      at(backward_, k, most) = x;
      const auto mirrored = delta - k;
      if (delta % 2 == 0 && std::abs(mirrored) <= d && x + at(forward_, mirrored, most) >= n)
        return inside(p, {p.a1 - x, p.b1 - (x - k), p.a1 - x0, p.b1 - (x0 - k)});
    }
    return std::nullopt;
  }

  /// Ways may run past an edge of the part before they are noticed; such a meeting would not
  /// divide it.
  static std::optional<snake> inside(const edit_area& p, snake s) {
    const auto fits = s.a0 >= p.a0 && s.a1 <= p.a1 && s.b0 >= p.b0 && s.b1 <= p.b1;
    const auto divides = s.a0 > p.a0 || s.b0 > p.b0 || s.a1 < p.a1 || s.b1 < p.b1;
    return fits && divides ? std::optional{s} : std::nullopt;
  }

  const line_numbers& a_;
  const line_numbers& b_;
  line_edits edits_;
  std::vector<index> forward_;
  std::vector<index> backward_;
};

}  // namespace

line_edits edits_between(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  return differ{a, b}.run();
}

}  // namespace persona_runtime
