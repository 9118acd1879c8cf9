#pragma once
// One check of a value against a JSON Schema. For sources of domain/ only; `arguments.hpp` says
// what is understood, mended and bounded.

#include "domain/tool/arguments.hpp"

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>

namespace persona_runtime {

struct schema_problem {
  std::string text;
  std::string path;  // "stops/1/at"; empty for the value as a whole
};

/// The first problem of `value`, which is mended and filled in on the way.
[[nodiscard]] std::optional<schema_problem> check_value(const boost::json::value& schema,
                                                        boost::json::value& value,
                                                        const pattern_search& search);

}  // namespace persona_runtime
