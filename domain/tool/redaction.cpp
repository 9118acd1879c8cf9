#include "domain/tool/redaction.hpp"

#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/json_print.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t value_characters_max = 120;
constexpr std::size_t map_characters_max = 512;
constexpr std::size_t redacted_depth_max = 64;
constexpr std::string_view ellipsis = "…";
constexpr std::string_view left_out_note = "(longer arguments left out)";

bool sounds_secret(std::string_view key) {
  constexpr std::array<std::string_view, 12> words{
    "secret",     "token",       "password",   "passwd",        "api_key", "apikey",
    "access_key", "private_key", "credential", "authorization", "bearer",  "cookie"};
  const auto folded = case_folded(key);
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

std::string as_json(std::string_view text) {
  return json::serialize(json::string_view{text.data(), text.size()});
}

void print_redacted(const json::value& value, std::string& out);

void print_array(const json::array& items, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0)
      out += ", ";
    print_redacted(items[i], out);
  }
  out += ']';
}

void print_object(const json::object& members, std::string& out) {
  std::vector<const json::key_value_pair*> sorted;
  for (const auto& member : members)
    sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (const auto* member : sorted) {
    if (member != sorted.front())
      out += ", ";
    out += as_json(member->key());
    out += ": ";
    if (sounds_secret(member->key())) {
      out += as_json(redacted_mark);
    } else {
      print_redacted(member->value(), out);
    }
  }
  out += '}';
}

void print_redacted(const json::value& value, std::string& out) {
  if (const auto* items = value.if_array())
    return print_array(*items, out);
  if (const auto* members = value.if_object())
    return print_object(*members, out);
  out += json_text(value);
}

std::string shortened(std::string text) {
  std::size_t at = 0;
  for (std::size_t count = 0; count < value_characters_max && at < text.size(); ++count)
    at += decode_at(text, at).bytes;
  if (at >= text.size())
    return text;
  auto more = character_count(std::string_view{text}.substr(at));
  text.resize(at);
  return text + std::string{ellipsis} + " (+" + std::to_string(more) + " chars)";
}

std::string shown_value(const json::value& value) {
  if (const auto* text = value.if_string())
    return shortened(std::string{*text});
  std::string out;
  print_redacted(value, out);
  return shortened(std::move(out));
}

std::size_t characters_of_entry(std::string_view key, std::string_view value) {
  constexpr std::size_t colon_and_comma = 4;  // ": " and ", "
  return character_count(as_json(key)) + character_count(as_json(value)) + colon_and_comma;
}

/// Of the whole map as JSON: an empty one is "{}", and the last entry has no comma.
std::size_t characters_of_map(std::size_t of_entries) {
  return of_entries == 0 ? 2 : of_entries;
}

void keep_short(std::map<std::string, std::string>& shown) {
  struct candidate {
    std::size_t length;
    std::size_t characters;
    std::string key;
  };
  std::vector<candidate> candidates;
  std::size_t total = 0;
  for (const auto& [key, value] : shown) {
    candidates.push_back({character_count(value), characters_of_entry(key, value), key});
    total += candidates.back().characters;
  }
  if (characters_of_map(total) <= map_characters_max)
    return;
  std::sort(candidates.begin(), candidates.end(), [](const candidate& a, const candidate& b) {
    return a.length != b.length ? a.length > b.length : a.key > b.key;
  });
  total += characters_of_entry(ellipsis, left_out_note);
  for (const auto& longest : candidates) {
    if (characters_of_map(total) <= map_characters_max)
      break;
    total -= longest.characters;
    shown.erase(longest.key);
  }
  shown.insert_or_assign(std::string{ellipsis}, std::string{left_out_note});
}

}  // namespace

std::map<std::string, std::string> redacted_arguments(std::string_view arguments) {
  json::parse_options options;
  options.max_depth = redacted_depth_max;
  boost::system::error_code error;
  auto parsed = json::parse({arguments.data(), arguments.size()}, error, {}, options);
  const auto* members = error ? nullptr : parsed.if_object();
  std::map<std::string, std::string> shown;
  if (members == nullptr)
    return shown;
  for (const auto& member : *members) {
    shown.emplace(member.key(), sounds_secret(member.key()) ? std::string{redacted_mark}
                                                            : shown_value(member.value()));
  }
  keep_short(shown);
  return shown;
}

}  // namespace persona_runtime
