#include "bootstrap/cli/terminal_text.hpp"

#include "domain/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime::cli {
namespace {

struct code_range {
  char32_t first;
  char32_t last;
};

template <std::size_t Count>
bool is_in(const std::array<code_range, Count>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const code_range& r) { return code >= r.first && code <= r.last; });
}

// C0, DEL and C1; direction marks and overrides; invisible and annotation marks; tag characters.
// The two joiners U+200C and U+200D stay: Persian and emoji need them.
constexpr auto obeyed_or_hidden = std::array<code_range, 12>{{{0x00, 0x1F},
                                                              {0x7F, 0x9F},
                                                              {0x061C, 0x061C},
                                                              {0x180E, 0x180E},
                                                              {0x200B, 0x200B},
                                                              {0x200E, 0x200F},
                                                              {0x2028, 0x202E},
                                                              {0x2060, 0x206F},
                                                              {0xFEFF, 0xFEFF},
                                                              {0xFFF9, 0xFFFB},
                                                              {0x1D173, 0x1D17A},
                                                              {0xE0000, 0xE007F}}};

constexpr auto of_no_width = std::array<code_range, 5>{
  {{0x0300, 0x036F}, {0x200C, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

constexpr auto of_two_columns = std::array<code_range, 8>{{{0x1100, 0x115F},
                                                           {0x2E80, 0xA4CF},
                                                           {0xAC00, 0xD7A3},
                                                           {0xF900, 0xFAFF},
                                                           {0xFE30, 0xFE6F},
                                                           {0xFF00, 0xFF60},
                                                           {0xFFE0, 0xFFE6},
                                                           {0x1F000, 0x3FFFD}}};

constexpr auto hex = std::string_view{"0123456789abcdef"};

void append_hex(std::string& out, char32_t code, int digits) {
  for (auto shift = (digits - 1) * 4; shift >= 0; shift -= 4)
    out += hex[(code >> static_cast<unsigned>(shift)) & 15];
}

void append_written_out(std::string& out, char32_t code) {
  if (code < 0x100) {
    out += "\\x";
    append_hex(out, code, 2);
  } else {
    out += code > 0xFFFF ? "\\U" : "\\u";
    append_hex(out, code, code > 0xFFFF ? 8 : 4);
  }
}

std::size_t width_of(char32_t code) {
  if (code < 0x300)
    return 1;
  if (is_in(of_no_width, code))
    return 0;
  return is_in(of_two_columns, code) ? 2 : 1;
}

/// The bytes of `line` that fit into `columns`; at least one character when there is one.
std::size_t fitting(std::string_view line, std::size_t columns) {
  auto used = std::size_t{0};
  auto at = std::size_t{0};
  while (at < line.size()) {
    const auto step = decode_at(line, at);
    used += width_of(step.code);
    if (used > columns && at > 0)
      break;
    at += step.bytes;
  }
  return at;
}

void append_rows(std::vector<std::string>& rows, std::string_view line, std::size_t columns) {
  while (true) {
    auto end = fitting(line, columns);
    if (end == line.size()) {
      rows.emplace_back(line);
      return;
    }
    auto next = end;
    if (line[end] == ' ') {
      next = end + 1;
    } else if (const auto blank = line.substr(0, end).rfind(' ');
               blank != std::string_view::npos && blank > 0) {
      end = blank;
      next = blank + 1;
    }
    rows.emplace_back(line.substr(0, end));
    line.remove_prefix(next);
  }
}

}  // namespace

std::string safe_text(std::string_view text) {
  auto out = std::string{};
  out.reserve(text.size());
  for (auto at = std::size_t{0}; at < text.size();) {
    const auto step = decode_at(text, at);
    if (!step.valid) {
      append_written_out(out, static_cast<unsigned char>(text[at]));
    } else if (step.code == U'\n') {
      out += '\n';
    } else if (step.code == U'\t') {
      out += "    ";
    } else if (step.code == U'\r' && at + 1 < text.size() && text[at + 1] == '\n') {
      // The line feed that follows says it all.
    } else if (is_in(obeyed_or_hidden, step.code)) {
      append_written_out(out, step.code);
    } else {
      out.append(text.substr(at, step.bytes));
    }
    at += step.bytes;
  }
  return out;
}

std::string safe_line(std::string_view text) {
  auto out = std::string{};
  for (const auto c : safe_text(text)) {
    if (c != '\n' && c != ' ')
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ')
    out.pop_back();
  return out;
}

std::string safe_json(std::string_view json) {
  auto out = std::string{};
  out.reserve(json.size());
  for (auto at = std::size_t{0}; at < json.size();) {
    const auto step = decode_at(json, at);
    if (!step.valid) {
      append_utf8(out, 0xFFFD);
    } else if (step.code == U'\n' || step.code == U'\r' || step.code == U'\t') {
      out += ' ';  // between tokens, the only place where JSON has them
    } else if (!is_in(obeyed_or_hidden, step.code)) {
      out.append(json.substr(at, step.bytes));
    } else if (step.code <= 0xFFFF) {
      out += "\\u";
      append_hex(out, step.code, 4);
    } else {
      const auto above = step.code - 0x10000;
      out += "\\u";
      append_hex(out, 0xD800 + (above >> 10), 4);
      out += "\\u";
      append_hex(out, 0xDC00 + (above & 0x3FF), 4);
    }
    at += step.bytes;
  }
  return out;
}

std::size_t columns_of(std::string_view safe) {
  auto columns = std::size_t{0};
  for (auto at = std::size_t{0}; at < safe.size();) {
    const auto step = decode_at(safe, at);
    columns += width_of(step.code);
    at += step.bytes;
  }
  return columns;
}

std::string cut_to_columns(std::string_view safe, std::size_t columns) {
  if (columns_of(safe) <= columns)
    return std::string{safe};
  if (columns <= 1)
    return "…";
  return std::string{safe.substr(0, fitting(safe, columns - 1))} + "…";
}

std::vector<std::string> rows_of(std::string_view safe, std::size_t columns) {
  auto rows = std::vector<std::string>{};
  while (true) {
    const auto end = safe.find('\n');
    append_rows(rows, safe.substr(0, end), std::max<std::size_t>(columns, 2));
    if (end == std::string_view::npos)
      return rows;
    safe.remove_prefix(end + 1);
  }
}

text_extract beginning_of(std::string_view text, std::size_t rows_max, std::size_t columns) {
  auto out = text_extract{};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = stripped(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty())
      continue;
    if (out.rows.size() >= rows_max) {
      ++out.more_lines;
      continue;
    }
    // No row can show more of a line than this, and a line may be a quarter of a megabyte.
    const auto shown = line.substr(0, border_at_or_before(line, (columns + 1) * rows_max * 8));
    auto rows = rows_of(safe_text(shown), columns);
    const auto room = rows_max - out.rows.size();
    if (rows.size() > room || shown.size() < line.size()) {
      out.is_cut = true;
      rows.resize(std::min(rows.size(), room));
      rows.back() = cut_to_columns(rows.back() + "…", columns);
    }
    out.rows.insert(out.rows.end(), rows.begin(), rows.end());
  }
  out.is_cut = out.is_cut || out.more_lines > 0;
  return out;
}

}  // namespace persona_runtime::cli
