#include "domain/yaml/nearest_name.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <string>

using namespace persona_runtime;

namespace {

constexpr std::array<std::string_view, 5> known{"identity", "worldview", "tools", "visual_style",
                                                "dim"};

}  // namespace

TEST_CASE("the nearest known name is found through a small slip", "[domain][yaml]") {
  struct row {
    std::string_view wrong;
    std::string_view meant;  // empty: none
  };
  auto wrong = GENERATE(row{"viual_style", "visual_style"}, row{"visual-style", "visual_style"},
                        row{"Identity", "identity"}, row{"idnetity", "identity"},
                        row{"world view", "worldview"}, row{"tool", "tools"}, row{"dmi", "dim"},
                        row{"dom", "dim"}, row{"x", ""}, row{"", ""}, row{"temperature", ""},
                        row{"toolbox", ""});
  CAPTURE(wrong.wrong);
  CHECK(nearest_name(wrong.wrong, known).value_or("") == wrong.meant);
}

TEST_CASE("a name over 64 bytes has no nearest one", "[domain][yaml]") {
  std::string at_bound(64, 'a');
  std::array<std::string_view, 1> names{at_bound};
  CHECK(nearest_name(at_bound, names) == at_bound);
  CHECK_FALSE(nearest_name(at_bound + 'a', names));
}
