#include "providers/tools/outside/html_text.hpp"
#include "providers/tools/outside/page_text.hpp"
#include "providers/tools/outside/url_text.hpp"
#include "tests/support/catch.hpp"

#include <utility>
#include <vector>

using namespace persona_runtime;

namespace {

constexpr auto base = "https://harbour.example/guide/berths";

std::string text_of(std::string_view html) {
  return read_html(html, base).text;
}

std::string repeated(std::string_view part, std::size_t times) {
  auto out = std::string{};
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i)
    out += part;
  return out;
}

}  // namespace

TEST_CASE("URLs are tidied, never guessed", "[tools][page]") {
  const auto rows = std::vector<std::pair<std::string, std::string>>{
    {"  https://a.example/x#part \n", "https://a.example/x"},
    {"https://a.example/\xc3\xa5 b", "https://a.example/%C3%A5%20b"},
    {"https://a.example/100%", "https://a.example/100%25"},
    {"https://a.example/100%2", "https://a.example/100%252"},
    {"https://a.example/%2f", "https://a.example/%2f"},
    {"https://a.example/?q=[a]|{b}", "https://a.example/?q=%5Ba%5D%7C%7Bb%7D"},
    {"https://[2606:4700::1111]:8/x", "https://[2606:4700::1111]:8/x"},
    {"/a?u=http://[x]/", "/a?u=http://%5Bx%5D/"},
    {"", ""},
    {"#top", ""},
  };
  for (const auto& [given, tidy] : rows) {
    INFO(given);
    CHECK(tidy_url(given) == tidy);
  }
}

TEST_CASE("references are resolved against the page (RFC 3986)", "[tools][page]") {
  const auto rows = std::vector<std::pair<std::string, std::string>>{
    {"prices", "https://harbour.example/guide/prices"},
    {"./prices?y=2", "https://harbour.example/guide/prices?y=2"},
    {"../map", "https://harbour.example/map"},
    {"/top", "https://harbour.example/top"},
    {"//other.example/a", "https://other.example/a"},
    {"?page=2", "https://harbour.example/guide/berths?page=2"},
    {"http://else.example", "http://else.example"},
  };
  for (const auto& [reference, resolved] : rows) {
    INFO(reference);
    const auto url = resolve_url(base, reference);
    REQUIRE(url.has_value());
    CHECK(*url == resolved);
  }
  CHECK_FALSE(resolve_url(base, "https://[bad/").has_value());
  CHECK_FALSE(resolve_url("not a url", "a").has_value());
}

TEST_CASE("a content type is read whatever its spelling", "[tools][page]") {
  const auto plain = parse_content_type("Text/HTML; Charset=\"ISO-8859-1\"; x=y");
  CHECK(plain.type == "text/html");
  CHECK(plain.charset == "iso-8859-1");
  CHECK(parse_content_type("").type.empty());
  CHECK(parse_content_type("application/json").charset.empty());

  CHECK(form_of({"application/xhtml+xml", ""}, "") == page_form::html);
  CHECK(form_of({"application/ld+json", ""}, "") == page_form::text);
  CHECK(form_of({"text/csv", ""}, "") == page_form::text);
  CHECK(form_of({"application/pdf", ""}, "%PDF") == page_form::other);
  CHECK(form_of({"image/png", ""}, "") == page_form::other);
  CHECK(form_of({}, "  <!DOCTYPE html><p>") == page_form::html);
  CHECK(form_of({}, "plain") == page_form::text);
  CHECK(form_of({}, std::string_view{"a\0b", 3}) == page_form::other);
}

TEST_CASE("pages become UTF-8: by mark, header, meta element, else repaired", "[tools][page]") {
  const auto html = page_form::html;
  const auto text = page_form::text;
  CHECK(decode_page("bl\xe5", {"text/plain", "iso-8859-1"}, text) == "bl\xc3\xa5");
  CHECK(decode_page("\x80 5 \x96", {"text/plain", "latin1"}, text)
        == "\xe2\x82\xac 5 \xe2\x80\x93");
  CHECK(decode_page("bl\xe5", {"text/plain", "utf-8"}, text) == "bl\xef\xbf\xbd");
  CHECK(decode_page("bl\xc3\xa5", {"text/plain", ""}, text) == "bl\xc3\xa5");
  CHECK(decode_page("\xef\xbb\xbf"
                    "bl\xc3\xa5",
                    {"text/plain", "latin1"}, text)
        == "bl\xc3\xa5");
  CHECK(decode_page("<meta charset=windows-1252>bl\xe5", {"text/html", ""}, html)
        == "<meta charset=windows-1252>bl\xc3\xa5");
  CHECK(
    decode_page("<meta content='text/html; charset=ISO-8859-1'>\xe5", {"text/html", "utf-8"}, html)
      .find("\xef\xbf\xbd")
    != std::string::npos);
  CHECK(decode_page("charset=latin1 \xe5", {"text/plain", ""}, text)
        == "charset=latin1 \xef\xbf\xbd");
}

TEST_CASE("a page's text keeps headings, lists, links, tables and preformatted lines",
          "[tools][page]") {
  const auto page = read_html(R"html(<!doctype html><html><head><title> Berths &amp;
      piers </title><style>p{}</style><script>var a = "<p>no</p>";</script></head><body>
    <header>Top of every page</header><nav><a href="/">Home</a></nav>
    <h1>Free   berths</h1>
    <p>There are <b>seven</b>&nbsp;berths.<br>See <a href="../map">the map</a>
       or <a href="#below">below</a>, not <a href="javascript:x()">this</a>.</p>
    <ul><li>North<ul><li>Pier A</li><li>Pier B</li></ul></li><li>South</li></ul>
    <ol><li>Moor</li><li>Pay</li></ol>
    <table><tr><th>Berth</th><th>Depth</th></tr><tr><td>4</td><td>3.5 m</td></tr></table>
    <pre>  line one
    line two</pre>
    <p hidden>secret</p><div aria-hidden="true">icon</div><noscript>Turn scripts on</noscript>
    <form>Search <input value="x"><button>Go</button><select><option>1</option></select></form>
    <aside>Advertisement</aside><footer>Contact</footer></body></html>)html",
                              base);
  CHECK(page.title == "Berths & piers");
  CHECK(page.text == R"(# Free berths

There are seven berths.
See [the map](https://harbour.example/map) or below, not this.

- North
  - Pier A
  - Pier B
- South

1. Moor
2. Pay

Berth | Depth
4 | 3.5 m

  line one
    line two

Search)");
}

TEST_CASE("a main element is preferred to the frame around it, unless it is empty",
          "[tools][page]") {
  const auto words = repeated("word ", 60);
  CHECK(text_of("<body><div>frame</div><main><header>Head</header><p>" + words + "</p></main>")
          .find("frame")
        == std::string::npos);
  CHECK(text_of("<body><div>frame</div><main></main>") == "frame");
  CHECK(text_of("<body><div>frame</div><article>" + words + "</article>").find("frame")
        == std::string::npos);
  const auto several = "<article>" + words + "</article>";
  CHECK(text_of("<body><div>frame</div>" + several + several).find("frame") == 0);
}

TEST_CASE("a page without text of its own gives none", "[tools][page]") {
  for (const auto* html : {"", "<html></html>", "<body><div id=root></div><script>x</script>",
                           "<body><noscript>Turn scripts on</noscript>", "<!-- only a comment -->",
                           "<svg><text>drawn</text></svg>", "   "}) {
    INFO(html);
    CHECK(text_of(html).empty());
  }
}

TEST_CASE("broken markup is read as browsers do", "[tools][page]") {
  CHECK(text_of("<p>one<p>two</b></div><li>three") == "one\n\ntwo\n\n- three");
  CHECK(text_of("a < b &lt; c &unknown; &#229;") == "a < b < c &unknown; \xc3\xa5");
  CHECK(text_of("<a href=x>open") == "[open](https://harbour.example/guide/x)");
  CHECK(text_of("<a href=x><p>block</p><p>link</p></a>") == "block\n\nlink");
  CHECK(text_of("<a href=x>  </a>after") == "after");
}

TEST_CASE("hostile pages end within their limits and still give text", "[tools][page]") {
  const auto limits =
    html_limits{.memory_bytes_max = 8 << 20, .parse_time_max = std::chrono::milliseconds{500}};
  const auto size = std::size_t{200'000};
  const auto deep = repeated("<div>", size) + "end";
  const auto deep_lists = repeated("<ul><li>", size) + "end";
  auto growing = std::string{};
  for (auto i = 0; i < 20'000; ++i)
    growing += "<b a" + std::to_string(i) + ">";
  growing += repeated("<p>x", 20'000) + "end";
  auto attributes = std::string{"<p "};
  for (auto i = 0; i < 100'000; ++i)
    attributes += "a" + std::to_string(i) + " ";
  for (const auto& html :
       {deep, deep_lists, growing, attributes + ">end", repeated("<table>", size) + "end",
        repeated("<a href=x>", size) + "end", repeated("</p>", size) + "end",
        repeated("<", size) + "p>end", repeated("&", size) + " end",
        "<script>" + repeated("<!--", size) + "</script>end"}) {
    const auto begun = std::chrono::steady_clock::now();
    const auto text = read_html(html, base, limits).text;
    INFO(html.substr(0, 20) << " " << text.size());
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{20});
    if (html != attributes + ">end" && html.find("<script>") != 0)
      CHECK(text.find("end") != std::string::npos);
  }
}

TEST_CASE("deep nesting within the limits is no danger to the stack", "[tools][page]") {
  const auto text = text_of(repeated("<span>", 100'000) + "bottom");
  CHECK(text == "bottom");
}

TEST_CASE("text is bounded while it is written", "[tools][page]") {
  const auto limits = html_limits{.text_bytes_max = 1000};
  const auto text = read_html("<p>" + repeated("word ", 10'000), base, limits).text;
  CHECK(text.size() >= 1000);
  CHECK(text.size() < 1100);
}

TEST_CASE("a reference to no character becomes well-formed text", "[tools][page]") {
  CHECK(text_of("<p>a &#x201c99999999999999999999; b") == "a \xef\xbf\xbd b");
  CHECK(text_of("<p>a &#99999999999999999999; b") == "a \xef\xbf\xbd b");
}

TEST_CASE("a page beyond the limits loses its tags and scripts only", "[tools][page]") {
  const auto limits = html_limits{.memory_bytes_max = 100};
  const auto page = read_html("<title>T</title><SCRIPT>var x</SCRIPT><p class='a'>one<br>two</p"
                              "><style>p{}</style>three <unclosed",
                              base, limits);
  CHECK(page.title.empty());
  CHECK(page.text == "T one two three");
  CHECK(read_html("<script>never closed", base, limits).text.empty());
  CHECK(read_html("<", base, limits).text.empty());
}
