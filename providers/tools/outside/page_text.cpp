#include "providers/tools/outside/page_text.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/ascii_case.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

constexpr std::string_view utf8_mark = "\xef\xbb\xbf";
constexpr std::string_view blanks_and_quotes = " \t\r\n\"'";
constexpr std::size_t sniffed_bytes_max = 1024;  // where HTML wants its meta charset

/// What follows the first `charset=`, up to a delimiter.
std::string charset_in(std::string_view lower) {
  const auto name = lower.find("charset=");
  if (name == std::string_view::npos)
    return {};
  auto value = lower.substr(name + 8);
  value.remove_prefix(std::min(value.find_first_not_of(" \"'"), value.size()));
  return std::string{
    trimmed(value.substr(0, value.find_first_of(" ;\"'/>\r\n")), blanks_and_quotes)};
}

bool is_latin(std::string_view charset) {
  constexpr auto names = std::array<std::string_view, 9>{"iso-8859-1", "iso8859-1", "iso_8859-1",
                                                         "latin1",     "latin-1",   "l1",
                                                         "cp1252",     "x-cp1252",  "windows-1252"};
  return std::find(names.begin(), names.end(), charset) != names.end();
}

void append_utf8(std::string& out, unsigned point) {
  const auto byte = [&out](unsigned value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xc0 | point >> 6);
    byte(0x80 | (point & 0x3f));
  } else {
    byte(0xe0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3f));
    byte(0x80 | (point & 0x3f));
  }
}

/// Pages that say Latin-1 mean windows-1252, which has letters where Latin-1 has control codes
/// (WHATWG Encoding, "iso-8859-1" label).
std::string from_windows_1252(std::string_view bytes) {
  constexpr auto upper = std::array<unsigned, 32>{
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};
  auto out = std::string{};
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_utf8(out, byte >= 0x80 && byte < 0xa0 ? upper[byte - 0x80] : byte);
  }
  return out;
}

bool is_text_type(std::string_view type) {
  constexpr auto texts = std::array<std::string_view, 9>{
    "application/json",       "application/xml",  "application/javascript",
    "application/x-ndjson",   "application/yaml", "application/x-yaml",
    "application/ecmascript", "application/x-sh", "application/toml"};
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml")
         || std::find(texts.begin(), texts.end(), type) != texts.end();
}

page_form sniffed_form(std::string_view body) {
  const auto begin = body.substr(0, sniffed_bytes_max);
  if (begin.find('\0') != std::string_view::npos)
    return page_form::other;
  const auto lower = ascii_lower(begin);
  const auto text = trimmed(lower, blanks_and_quotes);
  const auto is_html = text.starts_with("<!doctype html") || text.starts_with("<html")
                       || text.find("<body") != std::string_view::npos;
  return is_html ? page_form::html : page_form::text;
}

}  // namespace

content_type parse_content_type(std::string_view header) {
  const auto lower = ascii_lower(header);
  const auto end = lower.find(';');
  auto out = content_type{};
  out.type = trimmed(std::string_view{lower}.substr(0, end), blanks_and_quotes);
  if (end != std::string::npos)
    out.charset = charset_in(std::string_view{lower}.substr(end));
  return out;
}

page_form form_of(const content_type& type, std::string_view body) {
  if (type.type.empty())
    return sniffed_form(body);
  if (type.type.find("html") != std::string::npos)
    return page_form::html;
  return is_text_type(type.type) ? page_form::text : page_form::other;
}

std::string decode_page(std::string_view body, const content_type& type, page_form form) {
  if (body.starts_with(utf8_mark))
    return repaired_utf8(body.substr(utf8_mark.size()));
  auto charset = type.charset;
  if (charset.empty() && form == page_form::html)
    charset = charset_in(ascii_lower(body.substr(0, sniffed_bytes_max)));
  return is_latin(charset) ? from_windows_1252(body) : repaired_utf8(body);
}

}  // namespace persona_runtime
