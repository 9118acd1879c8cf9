#pragma once
// Reading JSON that comes from outside or from an export: every field must be there, be known and
// be of its type. For .cpp files of this folder only: it names simdjson.

#include "domain/failure.hpp"
#include "domain/ids.hpp"
#include "domain/memory/chunk.hpp"

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

/// The fields of one object. The first thing that is wrong is kept as the problem; what is asked
/// after it reads as its default.
class memory_fields {
public:
  explicit memory_fields(simdjson::dom::element at);

  [[nodiscard]] std::string text(const char* name);
  /// None when the field is null.
  [[nodiscard]] std::optional<std::string> text_or_none(const char* name);
  [[nodiscard]] std::optional<double> number_or_none(const char* name);
  [[nodiscard]] std::uint32_t count(const char* name);
  [[nodiscard]] bool flag(const char* name);
  [[nodiscard]] instant time(const char* name);
  [[nodiscard]] std::vector<std::string> texts(const char* name);
  [[nodiscard]] memory_metadata metadata(const char* name);
  /// None when the field is null.
  [[nodiscard]] std::optional<simdjson::dom::element> object_or_none(const char* name);

  void complain(const std::string& problem);
  /// Empty when all was well; complains about a field that was not asked for.
  [[nodiscard]] std::string problem();

private:
  [[nodiscard]] simdjson::dom::element field(const char* name);

  simdjson::dom::object fields_;
  std::vector<std::string_view> asked_;
  std::string problem_;
};

/// None: it is no object whose values are all texts.
[[nodiscard]] std::optional<memory_metadata> metadata_of(simdjson::dom::element at);

/// @errors validation_error, "naive" when the text has no offset
[[nodiscard]] result<instant> aware_instant(std::string_view text);

/// Appends `, "name": value` for texts that may be missing.
void append_metadata(std::string& out, const memory_metadata& metadata);

}  // namespace persona_runtime
