#pragma once
// What every adapter needs to read a vendor's JSON with simdjson. Include in .cpp files only.

#include <simdjson.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime {

/// A parser and room for one text with the padding that simdjson wants, one per thread and use.
class json_reader {
public:
  /// The document lives until the next call; views into it likewise.
  simdjson::simdjson_result<simdjson::ondemand::document> open(std::string_view json) {
    auto padded = pad(json);
    return parser_.iterate(padded);
  }

  /// Where a view into the text that was opened last begins.
  [[nodiscard]] std::size_t offset_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - room_.data());
  }

private:
  simdjson::padded_string_view pad(std::string_view json) {
    constexpr std::size_t kept_max = 256u << 10;  // one huge answer must not stay for ever
    auto room = json.size() + simdjson::SIMDJSON_PADDING;
    if (room > room_.size() || room_.size() > kept_max) {
      room_.resize(room);
      room_.shrink_to_fit();
    }
    std::memcpy(room_.data(), json.data(), json.size());
    // What a malformed text makes the parser peek at must not be a rest of the text before.
    std::memset(room_.data() + json.size(), 0, simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view{room_.data(), json.size(), room_.size()};
  }

  simdjson::ondemand::parser parser_;
  std::vector<char> room_ = std::vector<char>(4096);
};

/// The fields of an object as names and JSON texts; none for an empty text. No value when `json`
/// is neither.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>>
json_fields(std::string_view json);

/// Brackets outside strings match, and what they enclose is all there is. simdjson's on-demand
/// parser notices the contrary only by chance.
[[nodiscard]] bool is_balanced(std::string_view json);

/// `json` is the whole text of one object and nothing else.
[[nodiscard]] bool is_json_object(std::string_view json);

}  // namespace persona_runtime
