#include "domain/tool/address_rules.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace persona_runtime;

namespace {

address_kind kind_of_address(const std::string& text) {
  const auto address = parse_ip(text);
  REQUIRE(address);
  return classify(*address);
}

}  // namespace

TEST_CASE("SG-01 addresses that lead inside are blocked, and so is what is no address",
          "[domain][tool]") {
  for (const auto* text :
       {"127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "240.0.0.1", "::1", "fc00::1", "fe80::1",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "not-an-ip"}) {
    INFO(text);
    CHECK_FALSE(is_public_address(text));
  }
}

TEST_CASE("SG-02 public addresses are allowed", "[domain][tool]") {
  for (const auto* text : {"1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8",
                           "64:ff9b::808:808", "2001:4860:4860::8888"}) {
    INFO(text);
    CHECK(is_public_address(text));
  }
}

TEST_CASE("SG-03 a refusal is a category, the same words everywhere", "[domain][tool]") {
  CHECK(token_of(target_refusal::scheme_not_https) == "scheme_not_https");
  CHECK(token_of(target_refusal::no_host) == "no_host");
  CHECK(token_of(target_refusal::unresolvable) == "unresolvable");
  CHECK(token_of(target_refusal::blocked_target) == "blocked_target");
}

TEST_CASE("SG-08 addresses with an IPv4 address inside and the old site-local are blocked",
          "[domain][tool]") {
  for (const auto* text : {"2002:a9fe:a9fe::", "2002:808:808::1", "fec0::1", "feff::1",
                           "2001:0:53aa:64c:1::1", "::8.8.8.8", "64:ff9b:1::808:808",
                           "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:8.8.8.8"}) {
    INFO(text);
    CHECK_FALSE(is_public_address(text));
  }
}

TEST_CASE("blocks end where they should, to the address", "[domain][tool]") {
  using k = address_kind;
  const auto rows = std::vector<std::pair<std::string, k>>{
    {"0.255.255.255", k::unspecified},
    {"1.0.0.0", k::global},
    {"9.255.255.255", k::global},
    {"10.255.255.255", k::private_use},
    {"11.0.0.0", k::global},
    {"100.63.255.255", k::global},
    {"100.64.0.0", k::shared},
    {"100.127.255.255", k::shared},
    {"100.128.0.0", k::global},
    {"126.255.255.255", k::global},
    {"127.255.255.255", k::loopback},
    {"128.0.0.0", k::global},
    {"168.63.129.15", k::global},
    {"168.63.129.16", k::reserved},
    {"169.253.255.255", k::global},
    {"169.254.0.0", k::link_local},
    {"169.255.0.0", k::global},
    {"172.15.255.255", k::global},
    {"172.16.0.0", k::private_use},
    {"172.31.255.255", k::private_use},
    {"172.32.0.0", k::global},
    {"192.0.0.192", k::reserved},
    {"192.0.1.0", k::global},
    {"192.0.2.7", k::documentation},
    {"192.88.99.1", k::transition},
    {"192.167.255.255", k::global},
    {"192.168.255.255", k::private_use},
    {"192.169.0.0", k::global},
    {"198.17.255.255", k::global},
    {"198.18.0.0", k::documentation},
    {"198.19.255.255", k::documentation},
    {"198.20.0.0", k::global},
    {"198.51.100.255", k::documentation},
    {"203.0.113.0", k::documentation},
    {"203.0.114.0", k::global},
    {"223.255.255.255", k::global},
    {"224.0.0.0", k::multicast},
    {"239.255.255.255", k::multicast},
    {"255.255.255.255", k::reserved},
    {"::", k::unspecified},
    {"::1", k::loopback},
    {"::2", k::transition},
    {"::ffff:10.0.0.1", k::private_use},
    {"64:ff9b::7f00:1", k::loopback},
    {"64:ff9b:0:1::1", k::reserved},
    {"100::1", k::reserved},
    {"1fff:ffff::1", k::reserved},
    {"2000::1", k::global},
    {"2001:1::1", k::reserved},
    {"2001:2::1", k::documentation},
    {"2001:1ff:ffff::1", k::reserved},
    {"2001:200::1", k::global},
    {"2001:db8::1", k::documentation},
    {"2001:db9::1", k::global},
    {"2003::1", k::global},
    {"3ffe:ffff::1", k::global},
    {"3fff::1", k::documentation},
    {"3fff:1000::1", k::global},
    {"4000::1", k::reserved},
    {"5f00::1", k::reserved},
    {"fbff::1", k::reserved},
    {"fdff::1", k::private_use},
    {"fe7f::1", k::reserved},
    {"febf::1", k::link_local},
    {"ff02::1", k::multicast},
  };
  for (const auto& [text, kind] : rows) {
    INFO(text);
    CHECK(name_of(kind_of_address(text)) == name_of(kind));
  }
}

TEST_CASE("only one way to write an address is read", "[domain][tool]") {
  for (const auto* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "0x7f.0.0.1",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.",
                           ".1.2.3",
                           "1..2.3",
                           "+1.2.3.4",
                           "2130706433",
                           ":",
                           ":::",
                           "1:::2",
                           "::1::",
                           "1::2::3",
                           ":1",
                           "1:",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7::8:9",
                           "12345::",
                           "g::1",
                           "::1%eth0",
                           "[::1]",
                           "::1.2.3",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "fe80::1%25lo",
                           "::-1",
                           "::+1"}) {
    INFO(text);
    CHECK_FALSE(parse_ip(text));
  }
  CHECK(parse_ip("0:0:0:0:0:0:0:1") == parse_ip("::1"));
  CHECK(parse_ip("::ffff:1.2.3.4") == parse_ip("::FFFF:102:304"));
  CHECK(parse_ip("1:2:3:4:5:6:7::") == parse_ip("1:2:3:4:5:6:7:0"));
  CHECK(parse_ip("1:2:3:4:5:6:1.2.3.4") == parse_ip("1:2:3:4:5:6:102:304"));
  CHECK(parse_ip("0.0.0.0")->v6 == false);
}
