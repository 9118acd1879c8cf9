#include "domain/text/unicode.hpp"

#include "domain/text/unicode_tables.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace persona_runtime {
namespace {

constexpr char32_t code_points_end = 0x110000;
constexpr std::size_t page_bits = 8;
constexpr std::size_t page_size = 1u << page_bits;

constexpr std::array<unicode_tables::code_range, 10> space_ranges{{{0x9, 0xD},
                                                                   {0x20, 0x20},
                                                                   {0x85, 0x85},
                                                                   {0xA0, 0xA0},
                                                                   {0x1680, 0x1680},
                                                                   {0x2000, 0x200A},
                                                                   {0x2028, 0x2029},
                                                                   {0x202F, 0x202F},
                                                                   {0x205F, 0x205F},
                                                                   {0x3000, 0x3000}}};

/// Two stages: a page number for every 256 code points, and the distinct pages. About 50 KB
/// instead of the 1.1 MB that one byte per code point would take.
class class_table {
public:
  class_table() {
    std::vector<char_class> flat(code_points_end, char_class::other);
    paint(flat, unicode_tables::letters(), char_class::letter);
    paint(flat, unicode_tables::numbers(), char_class::number);
    paint(flat, space_ranges, char_class::space);
    for (std::size_t first = 0; first < flat.size(); first += page_size)
      add_page(&flat[first]);
  }

  [[nodiscard]] char_class of(char32_t code) const {
    if (code >= code_points_end)
      return char_class::other;
    return pages_[page_of_[code >> page_bits] * page_size + (code & (page_size - 1))];
  }

private:
  template <class Ranges>
  static void paint(std::vector<char_class>& flat, const Ranges& ranges, char_class c) {
    for (const auto& r : ranges)
      std::fill(flat.begin() + r.first, flat.begin() + r.last + 1, c);
  }

  void add_page(const char_class* page) {
    const std::size_t known = pages_.size() / page_size;
    for (std::size_t i = known; i-- > 0;) {
      if (std::equal(page, page + page_size, &pages_[i * page_size])) {
        page_of_.push_back(static_cast<std::uint16_t>(i));
        return;
      }
    }
    pages_.insert(pages_.end(), page, page + page_size);
    page_of_.push_back(static_cast<std::uint16_t>(known));
  }

  std::vector<std::uint16_t> page_of_;
  std::vector<char_class> pages_;
};

}  // namespace

char_class class_of(char32_t code) {
  static const class_table table;
  return table.of(code);
}

bool is_blank(char32_t code) {
  return (code >= 0x1C && code <= 0x1F) || class_of(code) == char_class::space;
}

bool is_word(char32_t code) {
  const char_class c = class_of(code);
  return c == char_class::letter || c == char_class::number || code == U'_';
}

void append_folded(std::string& out, char32_t code) {
  const auto longs = unicode_tables::fold_longs();
  const auto at = std::lower_bound(longs.begin(), longs.end(), code,
                                   [](const auto& entry, char32_t c) { return entry.from < c; });
  if (at != longs.end() && at->from == code) {
    for (const std::uint32_t to : at->to) {
      if (to != 0)
        append_utf8(out, to);
    }
    return;
  }
  const auto runs = unicode_tables::fold_runs();
  const auto run = std::lower_bound(runs.begin(), runs.end(), code,
                                    [](const auto& entry, char32_t c) { return entry.last < c; });
  if (run != runs.end() && code >= run->first && (code - run->first) % run->stride == 0)
    code = static_cast<char32_t>(static_cast<std::int64_t>(code) + run->delta);
  append_utf8(out, code);
}

std::string case_folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const utf8_step step = decode_at(text, at);
    append_folded(out, step.code);
    at += step.bytes;
  }
  return out;
}

}  // namespace persona_runtime
