#include "domain/yaml/yaml_scalar.hpp"
#include "tests/support/catch.hpp"

#include <cmath>

using namespace persona_runtime;

TEST_CASE("an unquoted scalar has the kind that YAML 1.1 gives it", "[domain][yaml]") {
  struct row {
    std::string_view text;
    yaml_kind kind;
  };
  using enum yaml_kind;
  auto given = GENERATE(
    row{"", null}, row{"~", null}, row{"null", null}, row{"NULL", null},
    row{"nUll", yaml_kind::text}, row{"no", boolean}, row{"Yes", boolean}, row{"off", boolean},
    row{"TRUE", boolean}, row{"y", yaml_kind::text}, row{"nO", yaml_kind::text}, row{"7", integer},
    row{"-12", integer}, row{"+1_000", integer}, row{"0x1F", integer}, row{"0b101", integer},
    row{"010", integer}, row{"08", yaml_kind::text}, row{"10:30", integer},
    row{"10:75", yaml_kind::text}, row{"0", integer}, row{"1.0", real}, row{".5", real},
    row{"1.", real}, row{"-1.5e+3", real}, row{"1.5e3", yaml_kind::text},
    row{"1e3", yaml_kind::text}, row{".nan", real}, row{"-.inf", real}, row{".", yaml_kind::text},
    row{"1:30.5", real}, row{"1.2.3", yaml_kind::text}, row{"2026-04-15", timestamp},
    row{"2026-04-15T10:30:00Z", timestamp}, row{"2026-99-15", yaml_kind::text},
    row{"-", yaml_kind::text}, row{"+", yaml_kind::text}, row{"<<", yaml_kind::text},
    row{"berth 4", yaml_kind::text});
  CAPTURE(given.text);
  CHECK(kind_of_plain(given.text) == given.kind);
}

TEST_CASE("numbers have the value that YAML 1.1 gives them", "[domain][yaml]") {
  using enum yaml_kind;
  CHECK(number_of(integer, "-12") == -12);
  CHECK(number_of(integer, "+1_000") == 1000);
  CHECK(number_of(integer, "0x1F") == 31);
  CHECK(number_of(integer, "-0b101") == -5);
  CHECK(number_of(integer, "010") == 8);
  CHECK(number_of(integer, "1:30") == 90);
  CHECK(number_of(real, "-1.5e+3") == -1500);
  CHECK(number_of(real, "1:30.5") == 90.5);
  CHECK(std::isnan(number_of(real, ".nan")));
  CHECK(std::isinf(number_of(real, "-.inf")));
  CHECK(std::isinf(number_of(integer, std::string(400, '9'))));
}

TEST_CASE("a quoted number is decimal and nothing else", "[domain][yaml]") {
  CHECK(quoted_number("0.9") == 0.9);
  CHECK(quoted_number(" -3e2 ") == -300);
  CHECK(quoted_number("+1") == 1);
  for (auto text : {"", " ", "x", "0x10", "nan", "inf", "1 2", "--1", "1.2.3", "+-1"}) {
    CAPTURE(text);
    CHECK_FALSE(quoted_number(text));
  }
}
