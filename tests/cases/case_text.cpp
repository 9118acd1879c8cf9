#include "tests/cases/case_text.hpp"

#include "domain/text/sha256.hpp"
#include "domain/text/utf8.hpp"

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

constexpr auto shown_whole = std::size_t{600};
constexpr auto shown_part = std::size_t{80};

/// The byte at which character `index` begins.
std::size_t offset_of(std::string_view text, std::size_t index) {
  auto at = std::size_t{0};
  for (; index > 0 && at < text.size(); --index)
    at += decode_at(text, at).bytes;
  return at;
}

}  // namespace

std::string text_of(const json::value& text) {
  if (const auto* plain = text.if_string())
    return std::string{*plain};
  const auto& parts = text.as_object();
  const auto part = [&](const char* name) {
    const auto* found = parts.if_contains(name);
    return found == nullptr ? std::string{} : std::string{found->as_string()};
  };
  auto out = part("prefix");
  const auto repeat = part("repeat");
  const auto* times = parts.if_contains("times");
  for (auto i = times == nullptr ? 1 : times->to_number<int>(); i > 0; --i)
    out += repeat;
  return out + part("suffix");
}

std::string replaced(std::string all, std::string_view what, std::string_view by) {
  if (what.empty())
    return all;
  for (auto at = all.find(what); at != std::string::npos; at = all.find(what, at + by.size()))
    all.replace(at, what.size(), by);
  return all;
}

std::string with_labels(std::string text, const label_list& labels) {
  for (const auto& [label, wording] : labels)
    text = replaced(std::move(text), wording, label);
  return text;
}

bool has_label(std::string_view text) {
  return text.find("⟦") != std::string_view::npos;
}

json::object shown_text(const std::string& text) {
  auto out = json::object{};
  const auto length = character_count(text);
  if (!has_label(text)) {
    out["len"] = static_cast<std::int64_t>(length);
    out["sha"] = sha256_text(text).substr(0, 16);
  }
  if (length <= shown_whole) {
    out["text"] = text;
    return out;
  }
  out["head"] = text.substr(0, offset_of(text, shown_part));
  out["tail"] = text.substr(offset_of(text, length - shown_part));
  return out;
}

json::value shown(const json::value& value, const label_list& labels) {
  if (const auto* text = value.if_string()) {
    auto labelled = with_labels(std::string{*text}, labels);
    if (character_count(labelled) <= shown_whole)
      return json::value(labelled);
    return json::object{{"$long", shown_text(labelled)}};
  }
  if (const auto* list = value.if_array()) {
    auto out = json::array{};
    for (const auto& item : *list)
      out.push_back(shown(item, labels));
    return out;
  }
  if (const auto* fields = value.if_object()) {
    auto out = json::object{};
    for (const auto& field : *fields)
      out[field.key()] = shown(field.value(), labels);
    return out;
  }
  return value;
}

}  // namespace persona_runtime::test
