#include "domain/text/listen_address.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

TEST_CASE("an address to listen at is a host and a port", "[domain][text]") {
  CHECK(parse_listen_address("127.0.0.1:8080") == listen_address{"127.0.0.1", 8080});
  CHECK(parse_listen_address("[::1]:0") == listen_address{"::1", 0});
  CHECK(parse_listen_address("localhost:65535") == listen_address{"localhost", 65535});
  CHECK(parse_listen_address("localhost:1")->numeric_host() == "127.0.0.1");
  CHECK(parse_listen_address("[::1]:1")->numeric_host() == "::1");
  for (const auto* wrong : {"", ":", ":80", "127.0.0.1", "127.0.0.1:", "h:65536", "h:-1", "h:+1",
                            "h:8080x", "h: 1", "::1:80", "[]:80", "[h:80", "a b:80", "a/b:80"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_listen_address(wrong).has_value());
  }
  CHECK(parse_listen_address(std::string(253, 'h') + ":1").has_value());
  CHECK_FALSE(parse_listen_address(std::string(254, 'h') + ":1").has_value());
}
