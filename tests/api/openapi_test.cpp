#include "api/openapi.hpp"
#include "api/routes/route.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

using namespace persona_runtime;
using namespace persona_runtime::api;
namespace json = boost::json;

namespace {

std::string lower(std::string_view text) {
  auto copy = std::string{text};
  for (auto& c : copy)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return copy;
}

// Every "$ref" below `value` must lead somewhere.
void check_references(const json::value& document, const json::value& value) {
  if (const auto* array = value.if_array()) {
    for (const auto& element : *array)
      check_references(document, element);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, child] : *object) {
      if (key == "$ref") {
        auto ec = boost::system::error_code{};
        CAPTURE(std::string{child.as_string()});
        CHECK(document.find_pointer(std::string{child.as_string()}.substr(1), ec) != nullptr);
      } else {
        check_references(document, child);
      }
    }
  }
}

}  // namespace

TEST_CASE("the interface document describes exactly the routes that are served", "[api][openapi]") {
  const auto document =
    json::parse(json::string_view{openapi_json().data(), openapi_json().size()});
  CHECK(document.at("openapi").as_string() == "3.1.0");
  const auto& paths = document.at("paths").as_object();
  for (const auto& row : all_routes()) {
    CAPTURE(row.method, row.pattern);
    REQUIRE(paths.contains(json::string_view{row.pattern.data(), row.pattern.size()}));
    const auto& path = paths.at(json::string_view{row.pattern.data(), row.pattern.size()});
    REQUIRE(path.as_object().contains(lower(row.method)));
    const auto& operation = path.at(lower(row.method)).as_object();
    CHECK(std::string_view{operation.at("operationId").as_string()} == row.name);
    CHECK(operation.contains("requestBody") == row.has_body);
    CHECK(operation.contains("security") == row.is_open);
    CHECK(operation.at("responses").as_object().contains("401") != row.is_open);
  }
  auto described = std::size_t{0};
  for (const auto& [name, path] : paths)
    described += path.as_object().size();
  CHECK(described == all_routes().size());
  check_references(document, document);
}
