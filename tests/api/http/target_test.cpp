#include "api/http/target.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;
using namespace persona_runtime::api;

TEST_CASE("a target is taken apart and decoded", "[api][target]") {
  const auto target = parse_target("/v1/runs/a%2Fb?status=running&x=a+b%21&&empty=");
  REQUIRE(target.has_value());
  CHECK(target->segments == std::vector<std::string>{"v1", "runs", "a/b"});
  CHECK(target->parameter("status") == "running");
  CHECK(target->parameter("x") == "a b!");
  CHECK(target->parameter("empty") == "");
  CHECK_FALSE(target->parameter("absent"));
}

TEST_CASE("an absolute target counts by its path", "[api][target]") {
  CHECK(parse_target("http://host:1/v1/runs")->segments.size() == 2);
  CHECK(parse_target("http://host")->segments.empty());
  CHECK(parse_target("http://host?a=b")->parameter("a") == "b");
  CHECK(parse_target("/")->segments.empty());
}

TEST_CASE("broken targets fail", "[api][target]") {
  for (const auto* raw : {"/a%", "/a%2", "/a%zz", "/a%00", "/a?b=%0a", "/a?%7f=1"}) {
    CAPTURE(raw);
    CHECK_FALSE(parse_target(raw).has_value());
  }
  auto deep = std::string{};
  for (auto i = 0; i < 16; ++i)
    deep += "/s";
  CHECK(parse_target(deep).has_value());
  CHECK_FALSE(parse_target(deep + "/s").has_value());
  auto wide = std::string{"/?"};
  for (auto i = 0; i < 32; ++i)
    wide += "a=1&";
  CHECK(parse_target(wide).has_value());
  CHECK_FALSE(parse_target(wide + "a=1").has_value());
}
