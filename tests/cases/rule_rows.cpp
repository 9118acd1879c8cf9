#include "tests/cases/rule_rows.hpp"

#include "domain/persona/parse_persona.hpp"
#include "tests/support/catch.hpp"

#include <simdjson.h>

#include <fstream>
#include <sstream>

namespace persona_runtime::test {
namespace {

namespace json = boost::json;

std::string file_text(const std::string& path) {
  auto in = std::ifstream{std::string{PERSONA_SOURCE_DIR} + "/tests/" + path};
  auto text = std::stringstream{};
  text << in.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

json::value exact(simdjson::dom::element at) {
  using type = simdjson::dom::element_type;
  switch (at.type()) {
  case type::ARRAY: {
    auto out = json::array{};
    for (const auto item : simdjson::dom::array{at})
      out.push_back(exact(item));
    return out;
  }
  case type::OBJECT: {
    auto out = json::object{};
    for (const auto field : simdjson::dom::object{at})
      out[field.key] = exact(field.value);
    return out;
  }
  case type::STRING:
    return json::value(std::string_view{at});
  case type::BOOL:
    return bool{at};
  case type::NULL_VALUE:
    return nullptr;
  default:
    return double{at};
  }
}

std::vector<json::value> exact_rows(const std::string& file) {
  auto in = std::istringstream{file_text("cases/" + file)};
  auto out = std::vector<json::value>{};
  for (auto line = std::string{}; std::getline(in, line);) {
    if (!line.empty())
      out.push_back(exact_json(line));
  }
  return out;
}

std::string key_of(const json::value& row, const std::string& field) {
  return std::to_string(row.at("id").to_number<std::int64_t>()) + ' ' + field;
}

void check_reason(const json::object& entry) {
  const auto because = std::string{entry.at("because").as_string()};
  INFO(because);
  CHECK(because.size() > 20);
}

/// The lines of the golden file that begin with the file's name.
std::string golden_lines(const std::string& file) {
  auto in = std::istringstream{file_text("golden/rule_rows.txt")};
  auto out = std::string{};
  for (auto line = std::string{}; std::getline(in, line);) {
    if (line.starts_with(file + ' '))
      out += line + '\n';
  }
  return out;
}

tier_metadata metadata_of(const json::object& md) {
  auto out = tier_metadata{};
  out.cost_input_per_1k_tokens = md.at("cost_input_per_1k_tokens").to_number<double>();
  out.cost_output_per_1k_tokens = md.at("cost_output_per_1k_tokens").to_number<double>();
  out.first_token_latency_ms = md.at("first_token_latency_ms").to_number<double>();
  out.throughput_tokens_per_sec = md.at("throughput_tokens_per_sec").to_number<double>();
  out.context_window = md.at("context_window").to_number<std::uint32_t>();
  out.tools = *tool_strength_of(std::string_view{md.at("tool_strength").as_string()});
  out.reasoning_capable = md.at("reasoning_capable").as_bool();
  out.cost_verified_at_deploy = md.at("cost_verified_at_deploy").as_bool();
  return out;
}

tier_table registry_of(const json::object& recorded) {
  auto out = tier_table{};
  for (const auto& [name, value] : recorded) {
    const auto& about = value.as_object();
    auto model = model_entry{};
    model.provider = "recorded";
    model.model = std::string{name} + "-model";
    model.vision = about.contains("vision") && about.at("vision").as_bool();
    auto tier = tier_entry{std::string{name}, {model}};
    if (const auto* md = about.if_contains("md"))
      tier.metadata = metadata_of(md->as_object());
    out.tiers.push_back(std::move(tier));
  }
  return out;
}

}  // namespace

json::value exact_json(std::string_view text) {
  auto parser = simdjson::dom::parser{};
  return exact(parser.parse(text.data(), text.size()));
}

json::value plain_numbers(json::value value) {
  if (value.is_number())
    return value.to_number<double>();
  if (auto* items = value.if_array()) {
    for (auto& item : *items)
      item = plain_numbers(std::move(item));
  }
  if (auto* members = value.if_object()) {
    for (auto& member : *members)
      member.value() = plain_numbers(std::move(member.value()));
  }
  return value;
}

rule_rows::rule_rows(std::string file, std::set<std::string> inputs)
  : file_{std::move(file)}, inputs_{std::move(inputs)}, rows_{exact_rows(file_)} {
  for (auto i = std::size_t{0}; i < rows_.size(); ++i) {
    if (!rows_[i].as_object().contains("id"))
      rows_[i].as_object()["id"] = static_cast<std::int64_t>(i);
  }
  inputs_.insert("id");
  const auto table = exact_json(file_text("cases/rule_rows.json"));
  for (const auto& entry : table.at("left_out").as_array()) {
    check_reason(entry.as_object());
    if (entry.at("file").as_string() == file_)
      left_out_.insert(std::string{entry.at("field").as_string()});
  }
  for (const auto& entry : table.at("differences").as_array()) {
    check_reason(entry.as_object());
    if (entry.at("file").as_string() != file_)
      continue;
    const auto key = std::to_string(entry.at("row").to_number<std::int64_t>()) + ' '
                     + std::string{entry.at("field").as_string()};
    REQUIRE_FALSE(listed_.contains(key));
    listed_[key] = plain_numbers(entry.at("ours"));
  }
}

void rule_rows::compare(const json::value& row, const std::string& field, const json::value& ours) {
  ++compared_[field];
  const auto recorded = plain_numbers(row.at(field));
  const auto plain = plain_numbers(ours);
  INFO(file_ << " row " << row.at("id") << ' ' << field);
  const auto listed = listed_.extract(key_of(row, field));
  if (listed.empty()) {
    CHECK(plain == recorded);
    return;
  }
  ++differing_;
  CHECK(plain == listed.mapped());
  CHECK(plain != recorded);
}

void rule_rows::finish() {
  for (const auto& row : rows_) {
    for (const auto& member : row.as_object()) {
      const auto field = std::string{member.key()};
      INFO(file_ << " field " << field);
      CHECK(inputs_.contains(field) + left_out_.contains(field) + compared_.contains(field) == 1);
    }
  }
  for (const auto& [key, ours] : listed_) {
    INFO("listed, but not there: " << key);
    CHECK(false);
  }
  auto counts = file_ + " rows " + std::to_string(rows_.size()) + '\n';
  for (const auto& [field, count] : compared_)
    counts += file_ + " compared " + field + ' ' + std::to_string(count) + '\n';
  for (const auto& field : left_out_)
    counts += file_ + " left out " + field + '\n';
  counts += file_ + " differing " + std::to_string(differing_) + '\n';
  CHECK(counts == golden_lines(file_));
}

persona recorded_persona(const std::string& name) {
  static const auto all = json::parse(file_text("cases/router/personas.json"));
  const auto loaded = parse_persona(json::serialize(all.at(name)));
  REQUIRE(loaded.has_value());
  return *loaded->value;
}

const tier_table* recorded_registry(const std::string& name) {
  static const auto all = [] {
    auto out = std::map<std::string, tier_table>{};
    const auto recorded = json::parse(file_text("cases/router/registries.json"));
    for (const auto& [key, value] : recorded.as_object()) {
      if (const auto* tiers = value.if_object())
        out[std::string{key}] = registry_of(*tiers);
    }
    return out;
  }();
  const auto found = all.find(name);
  if (found == all.end())
    REQUIRE(name == "none");
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace persona_runtime::test
