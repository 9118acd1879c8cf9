#include "domain/memory/json_fields.hpp"

#include "domain/text/json_text.hpp"
#include "domain/yaml/timestamp.hpp"

#include <algorithm>

namespace persona_runtime {

memory_fields::memory_fields(simdjson::dom::element at) {
  if (at.get(fields_))
    problem_ = "is no object";
}

void memory_fields::complain(const std::string& problem) {
  if (problem_.empty())
    problem_ = problem;
}

simdjson::dom::element memory_fields::field(const char* name) {
  asked_.emplace_back(name);
  auto found = simdjson::dom::element{};
  if (!problem_.empty())
    return found;
  if (fields_[name].get(found))
    complain(std::string{name} + " is missing");
  return found;
}

std::string memory_fields::text(const char* name) {
  const auto found = field(name);
  auto value = std::string_view{};
  if (problem_.empty() && found.get(value))
    complain(std::string{name} + " is no text");
  return std::string{value};
}

std::optional<std::string> memory_fields::text_or_none(const char* name) {
  const auto found = field(name);
  if (!problem_.empty() || found.is_null())
    return std::nullopt;
  auto value = std::string_view{};
  if (found.get(value))
    complain(std::string{name} + " is neither a text nor null");
  return std::string{value};
}

std::optional<double> memory_fields::number_or_none(const char* name) {
  const auto found = field(name);
  if (!problem_.empty() || found.is_null())
    return std::nullopt;
  auto value = 0.0;
  if (found.get(value))
    complain(std::string{name} + " is neither a number nor null");
  return value;
}

std::uint32_t memory_fields::count(const char* name) {
  const auto found = field(name);
  auto value = std::uint64_t{0};
  if (problem_.empty() && (found.get(value) || value > 0xFFFF'FFFF))
    complain(std::string{name} + " is no count");
  return static_cast<std::uint32_t>(value);
}

bool memory_fields::flag(const char* name) {
  const auto found = field(name);
  auto value = false;
  if (problem_.empty() && found.get(value))
    complain(std::string{name} + " is neither true nor false");
  return value;
}

instant memory_fields::time(const char* name) {
  const auto value = text(name);
  if (!problem_.empty())
    return {};
  auto read = aware_instant(value);
  if (!read)
    complain(std::string{name} + ": " + read.error().detail);
  return read ? *read : instant{};
}

std::vector<std::string> memory_fields::texts(const char* name) {
  const auto found = field(name);
  auto out = std::vector<std::string>{};
  auto items = simdjson::dom::array{};
  if (!problem_.empty())
    return out;
  if (found.get(items)) {
    complain(std::string{name} + " is no list");
    return out;
  }
  for (const auto item : items) {
    auto value = std::string_view{};
    if (item.get(value))
      complain(std::string{name} + " holds something that is no text");
    out.emplace_back(value);
  }
  return out;
}

memory_metadata memory_fields::metadata(const char* name) {
  const auto found = field(name);
  if (!problem_.empty())
    return {};
  auto read = metadata_of(found);
  if (!read)
    complain(std::string{name} + " is no object of texts");
  return read.value_or(memory_metadata{});
}

std::optional<simdjson::dom::element> memory_fields::object_or_none(const char* name) {
  const auto found = field(name);
  if (!problem_.empty() || found.is_null())
    return std::nullopt;
  return found;
}

std::string memory_fields::problem() {
  if (problem_.empty()) {
    for (const auto& [name, value] : fields_) {
      if (std::ranges::find(asked_, name) == asked_.end())
        complain("unknown field " + std::string{name});
    }
  }
  return problem_;
}

std::optional<memory_metadata> metadata_of(simdjson::dom::element at) {
  auto fields = simdjson::dom::object{};
  if (at.get(fields))
    return std::nullopt;
  auto out = memory_metadata{};
  for (const auto& [name, value] : fields) {
    auto text = std::string_view{};
    if (value.get(text))
      return std::nullopt;
    out.insert_or_assign(std::string{name}, std::string{text});
  }
  return out;
}

result<instant> aware_instant(std::string_view text) {
  const auto read = parse_time(text);
  if (!read)
    return failure{errc::validation_error, "'" + std::string{text.substr(0, 64)}
                                             + "' is no time such as 2026-03-02T18:40:00+01:00"};
  if (read->naive)
    return failure{errc::validation_error, "'" + std::string{text.substr(0, 64)}
                                             + "' is naive: give an offset (tz-aware), such as "
                                               "2026-03-02T18:40:00+01:00"};
  return read->value.at;
}

void append_metadata(std::string& out, const memory_metadata& metadata) {
  auto o = json_writer{out};
  for (const auto& [name, value] : metadata) {
    auto key = std::string{};
    append_json_string(key, name);
    append_json_string(o.key(std::string_view{key}.substr(1, key.size() - 2)), value);
  }
  o.close();
}

}  // namespace persona_runtime
