#include "domain/tool/search_hits.hpp"

#include "domain/text/json_text.hpp"
#include "domain/text/shown_text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr std::size_t title_characters_max = 300;
constexpr std::size_t url_characters_max = 2'000;
constexpr std::size_t snippet_characters_max = 600;
constexpr std::size_t json_depth_max = 64;

/// Where an engine keeps its rows, and what it calls their parts.
struct answer_shape {
  std::string_view name;
  std::string_view around_rows;  // empty: the rows stand at the top
  std::string_view rows;
  std::string_view url;
  std::string_view snippet;
};

constexpr std::array<answer_shape, 3> shapes{{
  {"brave", "web", "results", "url", "description"},
  {"tavily", "", "results", "url", "content"},
  {"serpapi", "", "organic_results", "link", "snippet"},
}};

const answer_shape& shape_of(search_engine engine) {
  return shapes.at(static_cast<std::size_t>(engine));
}

const json::object* object_in(const json::object& from, std::string_view name) {
  const auto* field = from.if_contains(name);
  return field != nullptr ? field->if_object() : nullptr;
}

/// A page that breaks its title over lines must not draw a row of its own in the list.
std::string one_line(const json::object& from, std::string_view name, std::size_t characters_max) {
  const auto* field = from.if_contains(name);
  const auto* text = field != nullptr ? field->if_string() : nullptr;
  if (text == nullptr)
    return {};
  auto spaced = std::string{*text};
  std::ranges::replace_if(
    spaced, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return printable(spaced, characters_max);
}

const json::array* rows_of(const json::object& answer, const answer_shape& shape) {
  const auto* around = shape.around_rows.empty() ? &answer : object_in(answer, shape.around_rows);
  const auto* rows = around != nullptr ? around->if_contains(shape.rows) : nullptr;
  return rows != nullptr ? rows->if_array() : nullptr;
}

}  // namespace

std::string_view name_of(search_engine engine) {
  return shape_of(engine).name;
}

std::optional<search_engine> search_engine_named(std::string_view name) {
  for (auto i = std::size_t{0}; i < shapes.size(); ++i) {
    if (shapes.at(i).name == name)
      return static_cast<search_engine>(i);
  }
  return std::nullopt;
}

result<std::vector<search_hit>> read_search_hits(search_engine engine, std::string_view text,
                                                 std::uint32_t hits_max) {
  auto error = json::error_code{};
  const auto document =
    json::parse({text.data(), text.size()}, error, {}, {.max_depth = json_depth_max});
  const auto* answer = error ? nullptr : document.if_object();
  if (answer == nullptr)
    return failure{errc::validation_error, "the answer is not a JSON object"};
  const auto& shape = shape_of(engine);
  auto hits = std::vector<search_hit>{};
  const auto* rows = rows_of(*answer, shape);
  for (auto i = std::size_t{0}; rows != nullptr && i < rows->size() && hits.size() < hits_max;
       ++i) {
    const auto* row = (*rows)[i].if_object();
    if (row == nullptr)
      continue;
    auto hit = search_hit{one_line(*row, "title", title_characters_max),
                          one_line(*row, shape.url, url_characters_max),
                          one_line(*row, shape.snippet, snippet_characters_max)};
    if (!hit.url.empty())
      hits.push_back(std::move(hit));
  }
  return hits;
}

tool_result search_result(search_engine engine, const std::vector<search_hit>& hits) {
  auto out = tool_result{};
  auto o = json_writer{out.data};
  append_json_list(o.key("results"), hits, [](std::string& to, const search_hit& hit) {
    auto row = json_writer{to};
    row.text("title", hit.title).text("url", hit.url).text("snippet", hit.snippet).close();
  });
  o.text("provider", name_of(engine)).close();
  if (hits.empty())
    out.content = "The search found no results. Other or fewer words may find some.";
  for (auto i = std::size_t{0}; i < hits.size(); ++i) {
    const auto& hit = hits[i];
    out.content += (i > 0 ? "\n" : "") + std::to_string(i + 1) + ". "
                   + (hit.title.empty() ? hit.url : hit.title) + "\n   " + hit.url;
    if (!hit.snippet.empty())
      out.content += "\n   " + hit.snippet;
  }
  return out;
}

}  // namespace persona_runtime
