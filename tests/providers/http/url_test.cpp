#include "providers/http/request_head.hpp"
#include "providers/http/url.hpp"
#include "tests/support/catch.hpp"

using namespace persona_runtime;

TEST_CASE("a URL is taken apart", "[providers][http][url]") {
  struct row {
    std::string_view text;
    bool tls;
    std::string_view host;
    std::uint16_t port;
    std::string_view target;
    std::string_view authority;
  };
  for (const auto& r : {
         row{"http://Example.com", false, "example.com", 80, "/", "example.com"},
         row{"HTTPS://a.b:443/x?y=1#part", true, "a.b", 443, "/x?y=1", "a.b"},
         row{"https://a.b:8443/v1/", true, "a.b", 8443, "/v1/", "a.b:8443"},
         row{"http://127.0.0.1:9/?", false, "127.0.0.1", 9, "/?", "127.0.0.1:9"},
         row{"http://[::1]:8080/p", false, "::1", 8080, "/p", "[::1]:8080"},
         row{"http://h:65535/", false, "h", 65535, "/", "h:65535"},
         row{"http://h:00080/", false, "h", 80, "/", "h"},
         row{"http://h:/", false, "h", 80, "/", "h"},
       }) {
    CAPTURE(r.text);
    auto url = parse_http_url(r.text);
    REQUIRE(url.has_value());
    CHECK(url->tls == r.tls);
    CHECK(url->host == r.host);
    CHECK(url->port == r.port);
    CHECK(url->target == r.target);
    CHECK(url->authority == r.authority);
  }
}

TEST_CASE("URLs that could deceive are refused", "[providers][http][url]") {
  for (std::string_view text : {"",
                                "/path",
                                "example.com",
                                "ftp://a/",
                                "file:///etc/passwd",
                                "http://",
                                "http:///x",
                                "http://user:pw@a/",
                                "http://a@b/",
                                "http://a:0/",
                                "http://a:70000/",
                                "http://a:99999/",
                                "http://a:65536/",
                                "http://a:65616/",
                                "http://a:4294967376/",
                                "http://a b/",
                                "http://%31%32%37.0.0.1/",
                                "http://a/\r\nHost: b",
                                "http://a\\@b/",
                                "http://[::1",
                                "http://[v1.x]/",
                                "http://a:b/"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_url(text).has_value());
  }
  CHECK_FALSE(parse_http_url("http://a/" + std::string(9000, 'x')).has_value());
}

TEST_CASE("a request's head frames the body", "[providers][http][url]") {
  auto url = *parse_http_url("http://h:81/p?q");
  auto request = http_request{};
  request.method = "POST";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = "12345";
  CHECK(*request_head(request, url)
        == "POST /p?q HTTP/1.1\r\nHost: h:81\r\nContent-Type: application/json\r\n"
           "User-Agent: persona-runtime\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
           "Content-Length: 5\r\n\r\n");
  request.body.clear();
  CHECK(request_head(request, url)->find("Content-Length: 0") != std::string::npos);
  request.method = "GET";
  CHECK(request_head(request, url)->find("Content-Length") == std::string::npos);
}

TEST_CASE("headers cannot smuggle a second request", "[providers][http][url]") {
  auto url = *parse_http_url("http://h/");
  for (const auto& header : http_headers{{"X", "a\r\nY: b"},
                                         {"X", "a\nb"},
                                         {"X", std::string("a\0b", 3)},
                                         {"X Y", "a"},
                                         {"", "a"},
                                         {"X:", "a"},
                                         {"Content-Length", "3"},
                                         {"transfer-encoding", "chunked"},
                                         {"HOST", "other"}}) {
    auto request = http_request{};
    request.headers = {header};
    CAPTURE(header.first);
    CHECK_FALSE(request_head(request, url).has_value());
  }
  auto request = http_request{};
  request.method = "GET / HTTP/1.1\r\nX:";
  CHECK_FALSE(request_head(request, url).has_value());
}
