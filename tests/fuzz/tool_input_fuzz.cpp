// What a model sends to tools: arguments against a schema, queries and expressions. Mended
// arguments need no mending; results keep their bounds.

#include "domain/text/utf8.hpp"
#include "domain/tool/arguments.hpp"
#include "domain/tool/calculator.hpp"
#include "domain/tool/json_query.hpp"
#include "tests/fuzz/cuts.hpp"

#include <algorithm>

using namespace persona_runtime;

namespace {

void check_arguments_of(std::string_view schema_text, std::string_view text) {
  static_cast<void>(check_schema(schema_text));
  const auto schema = argument_schema{schema_text};
  const auto once = schema.check(text);
  const auto* mended = std::get_if<checked_arguments>(&once);
  if (mended == nullptr) {
    fuzz::require(!std::get<argument_problem>(once).text.empty(), "a problem says nothing\n");
    return;
  }
  fuzz::require(is_whole_object(mended->text), "mended arguments are no object\n");
}

void check_result(const tool_result& result) {
  fuzz::require(is_valid_utf8(result.content), "a result is no UTF-8\n");
  fuzz::require(result.content.size() <= 64'000, "a result is too long\n");
}

}  // namespace

// The first byte says which tool; a line feed parts its two inputs.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto text = std::string_view{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto border = std::min(text.find('\n'), text.size());
  const auto first = text.substr(0, border);
  const auto second = text.substr(std::min(border + 1, text.size()));
  switch (data[0] % 3) {
  case 0:
    check_arguments_of(first, second);
    break;
  case 1:
    check_result(query_json(second, first));
    break;
  default:
    check_result(calculate(text));
  }
  return 0;
}
