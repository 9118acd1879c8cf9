#include "domain/skill/skill_file.hpp"

#include "domain/skill/skill_parameters.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/arguments.hpp"
#include "domain/yaml/field_reader.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view dashes = "---";
constexpr std::size_t reason_characters_max = 200;
constexpr std::size_t line_characters_max = 1'000;
constexpr std::size_t skill_name_bytes_max = 64;

skill_fault fault(std::string text, std::string_view path, std::string_view reason = {}) {
  auto end = reason.size();
  if (character_count(reason) > reason_characters_max) {
    end = 0;
    for (auto i = std::size_t{0}; i < reason_characters_max; ++i)
      end += decode_at(reason, end).bytes;
  }
  return {std::move(text), std::string{path}, std::string{reason.substr(0, end)}};
}

std::string with_line_feeds(std::string_view text) {
  auto out = std::string{};
  out.reserve(text.size());
  for (auto i = std::size_t{0}; i < text.size(); ++i) {
    if (text[i] != '\r' || text.substr(i + 1, 1) != "\n")
      out += text[i];
  }
  return out;
}

/// White space of any kind becomes one blank: what stands in an index is one line.
std::string one_line(std::string_view text) {
  auto out = std::string{};
  auto characters = std::size_t{0};
  for (auto i = std::size_t{0}; i < text.size() && characters < line_characters_max;) {
    const auto bytes = decode_at(text, i).bytes;
    const auto blank = stripped(text.substr(i, bytes)).empty();
    if (!blank)
      out += text.substr(i, bytes);
    else if (!out.empty() && !out.ends_with(' '))
      out += ' ';
    i += bytes;
    ++characters;
  }
  return std::string{stripped(out)};
}

void read_parameters(field_reader& metadata, skill& out) {
  const auto* schema = metadata.find("parameters");
  if (schema == nullptr || schema->kind == yaml_kind::null)
    return;
  if (schema->kind != yaml_kind::mapping)
    return metadata.report("parameters", "must be a JSON Schema of type object");
  out.parameters = schema_json(*schema);
  const auto report = check_schema(out.parameters);
  for (const auto& text : report.problems)
    metadata.report("parameters", text);
}

void read_metadata(field_reader& in, skill& out) {
  const auto* block = in.find("metadata");
  if (block == nullptr || block->kind != yaml_kind::mapping)
    return;
  in.block("metadata", [&](field_reader& metadata) {
    read_parameters(metadata, out);
    out.not_for = metadata.texts("not_for");
    out.composes_with = metadata.texts("composes_with");
    out.output_format = metadata.optional_text("output_format").value_or("");
    if (const auto budget = metadata.optional_number("token_budget", {1, 1'000'000, true}))
      out.token_budget = static_cast<std::uint32_t>(*budget);
    for (const auto& entry : block->entries)
      static_cast<void>(metadata.find(entry.key));  // what others put there is theirs
  });
}

}  // namespace

bool is_skill_name(std::string_view name) {
  constexpr std::string_view allowed =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= skill_name_bytes_max
         && name.find_first_not_of(allowed) == std::string_view::npos;
}

boost::system::result<front_matter, skill_fault> split_front_matter(std::string_view file,
                                                                    std::string_view path) {
  if (file.starts_with(byte_order_mark))
    file.remove_prefix(byte_order_mark.size());
  const auto text = with_line_feeds(file);
  const auto opening = std::string{dashes} + '\n';
  if (!text.starts_with(opening))
    return fault("the first line must be ---, with the skill's fields below it", path);
  const auto closing = '\n' + std::string{dashes};
  for (auto at = text.find(closing, opening.size()); at != std::string::npos;
       at = text.find(closing, at + 1)) {
    const auto behind = at + closing.size();
    if (behind < text.size() && text[behind] != '\n')
      continue;  // "----" or "--- " is no closing line
    return front_matter{text.substr(opening.size(), at + 1 - opening.size()),
                        text.substr(std::min(behind + 1, text.size()))};
  }
  return fault("the fields must be followed by a line that is exactly ---", path);
}

boost::system::result<skill, skill_fault> parse_skill(std::string_view file,
                                                      const skill_source& from) {
  auto parts = split_front_matter(file, from.path);
  if (!parts)
    return parts.error();
  const auto document = parse_yaml(parts->yaml);
  if (!document)
    return fault("the fields are no YAML", from.path, describe(document.error(), {}));
  const auto& root = *document->root;
  if (root.kind != yaml_kind::mapping)
    return fault("the fields must be written as name: value", from.path);
  auto problems = problem_list{};
  auto in = field_reader{root, {}, problems};
  auto out = skill{};
  out.name = in.text("name", from.id);
  out.description = one_line(in.required_text("description"));
  out.when_to_use = one_line(in.optional_text("when_to_use").value_or(""));
  out.tools_required = in.texts("tools_required");
  read_metadata(in, out);
  if (!problems.empty())
    return fault(describe(problems.take().front(), {}), from.path);
  if (!is_skill_name(out.name))
    return fault("the name must be 1 to 64 of a-z, A-Z, 0-9, _ and -", from.path);
  if (out.description.empty())
    return fault("the description must say something", from.path);
  out.content = shared_text{std::move(parts->body)};
  out.trust = from.trust;
  out.source = std::string{from.source};
  return out;
}

}  // namespace persona_runtime
