#include "domain/text/base64.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

namespace {

std::string encoded(std::string_view bytes) {
  auto out = std::string{};
  append_base64(out, bytes);
  return out;
}

}  // namespace

TEST_CASE("base64: the vectors of RFC 4648, both ways", "[domain][text]") {
  struct row {
    const char* bytes;
    const char* text;
  };
  for (const auto& [bytes, text] :
       {row{"", ""}, row{"f", "Zg=="}, row{"fo", "Zm8="}, row{"foo", "Zm9v"},
        row{"foob", "Zm9vYg=="}, row{"fooba", "Zm9vYmE="}, row{"foobar", "Zm9vYmFy"}}) {
    CHECK(encoded(bytes) == text);
    CHECK(from_base64(text) == std::string{bytes});
  }
}

TEST_CASE("base64: every byte survives, at every length", "[domain][text]") {
  auto all = std::string{};
  for (auto byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
    CHECK(from_base64(encoded(all)) == all);
  }
  CHECK(encoded("\xFB\xFF") == "+/8=");
}

TEST_CASE("base64: what is none is refused", "[domain][text]") {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zg==Zg==", "Z g=", "Zm9_",
                           "Zm9-", "Zm9v\n", "Zh==", "Zm9=", "Zm\xC3\xB8"})
    CHECK_FALSE(from_base64(text));
}
