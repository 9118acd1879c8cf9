#pragma once
// What the search engines of web_search answer, and what a model reads of it.

#include "domain/failure.hpp"
#include "domain/run/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

enum class search_engine : std::uint8_t { brave, tavily, serpapi };

/// "brave", "tavily", "serpapi".
[[nodiscard]] std::string_view name_of(search_engine engine);
/// No value for any other name.
[[nodiscard]] std::optional<search_engine> search_engine_named(std::string_view name);

/// Most hits that any engine is asked for.
inline constexpr std::uint32_t search_hits_max = 20;

/// One page that was found. Well-formed UTF-8, one line each: title at most 300 characters, URL at
/// most 2,000, snippet at most 600.
struct search_hit {
  std::string title;
  std::string url;
  std::string snippet;  // may be empty
  friend bool operator==(const search_hit&, const search_hit&) = default;
};

/// The hits of an engine's JSON answer, at most `hits_max`, in its order; rows without a URL are
/// left out. Fails with validation_error when the text is no JSON object.
[[nodiscard]] result<std::vector<search_hit>>
read_search_hits(search_engine engine, std::string_view json, std::uint32_t hits_max);

/// A numbered list for the model, and the same as data: {"results":[{title,url,snippet}],
/// "provider"}. No hits are a sentence that says so, not an error.
[[nodiscard]] tool_result search_result(search_engine engine, const std::vector<search_hit>& hits);

}  // namespace persona_runtime
