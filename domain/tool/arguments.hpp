#pragma once
// Checks what a model sent against a tool's JSON Schema, and mends what can be mended without loss.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace persona_runtime {

/// Text of the JSON object that the tool gets: types mended, defaults filled in.
struct checked_arguments {
  std::string text;
};

/// "Invalid arguments: <problem> (at <path/with/slashes>)", the first problem only. No path when
/// the arguments as a whole are meant.
struct argument_problem {
  std::string text;
};

using argument_check = std::variant<checked_arguments, argument_problem>;

/// Whether `pattern` occurs in `text`; none when it cannot be compiled. Must take linear time.
using pattern_search =
  std::function<std::optional<bool>(std::string_view pattern, std::string_view text)>;

/// A tool's `parameters`, read once. Immutable, so any thread may check with it.
///
/// Understood: type (also a list of types), properties, required, additionalProperties, enum,
/// const, items, minItems, maxItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum,
/// minLength and maxLength (code points), pattern, anyOf, oneOf, allOf, default, and $ref to a
/// place in the same schema. Other keywords are passed over (`check_schema` lists them).
///
/// Mended (spec §10.2): strings and floats that are whole numbers, and booleans, for an integer;
/// numeric strings for a number; yes/no/true/false/1/0 for a boolean. Never mended: a fractional
/// number for an integer, anything else for a string, null where null is not named.
///
/// Bounds: 8 MiB of text, depth 64, 200,000 visits of a schema node per check, patterns of 1,000
/// and matched texts of 100,000 bytes, integers of 64 bits.
class argument_schema {
public:
  /// A schema that is no JSON object refuses every call; `check_schema` says why beforehand.
  explicit argument_schema(std::string_view schema_text);

  /// Without `search` patterns are not checked. Empty text counts as `{}`.
  [[nodiscard]] argument_check check(std::string_view arguments_text,
                                     const pattern_search& search = {}) const;

private:
  struct document;
  std::shared_ptr<const document> document_;
};

/// One check with a schema that is used once.
[[nodiscard]] argument_check check_arguments(std::string_view schema_text,
                                             std::string_view arguments_text,
                                             const pattern_search& search = {});

/// Whether `text` is one whole JSON object. If not, the call that it came with was cut off
/// (`tool_call::truncated`) and is never executed.
[[nodiscard]] bool is_whole_object(std::string_view text);

/// What is wrong with a schema, and which of its keywords nobody will look at.
struct schema_report {
  std::vector<std::string> problems;  // "<path>: <problem>"; empty: usable
  std::vector<std::string> ignored;   // "<path>/<keyword>", each once
};

/// Looks through a schema before it is used. `compiles` tells whether a pattern can be compiled;
/// without it patterns are not tried. At most 20 problems and 50 ignored keywords are listed.
[[nodiscard]] schema_report
check_schema(std::string_view schema_text,
             const std::function<bool(std::string_view pattern)>& compiles = {});

}  // namespace persona_runtime
