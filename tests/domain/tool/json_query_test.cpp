#include "domain/tool/json_query.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace persona_runtime;

namespace {

constexpr auto harbour = R"({"name":"Nordhavn","open":true,"berths":[
  {"id":1,"free":true,"length":12.5,"tags":["quay","power"]},
  {"id":2,"free":false,"length":8,"tags":[]},
  {"id":3,"free":true,"length":20,"tags":["buoy"],"owner":{"name":"Ada","odd key":1}}],
  "prices":{"day":3,"week":18},"nested":[[1,2],[3,[4]],5],"empty":null})";

struct row {
  std::string query;
  std::string expected;
};

std::string found(const std::string& query, std::string_view input = harbour) {
  const auto result = query_json(input, query);
  return result.is_error ? "error: " + result.content : result.content;
}

void check_queries(const std::vector<row>& rows) {
  for (const auto& r : rows) {
    CAPTURE(r.query);
    CHECK(found(r.query) == r.expected);
  }
}

}  // namespace

TEST_CASE("BT-17 a missing field is no match and no error", "[domain][tool][json_query]") {
  for (const auto* query : {"nowhere", "name.first", "berths[9]", "prices[0]", "empty",
                            "berths[-9]", "nowhere[*].x", "name[]"}) {
    CAPTURE(query);
    const auto result = query_json(harbour, query);
    CHECK_FALSE(result.is_error);
    CHECK(result.content.starts_with("No match"));
    CHECK(result.data == R"({"matched":false,"result":null})");
  }
}

TEST_CASE("BT-17 JSON or a query that cannot be read is an error", "[domain][tool][json_query]") {
  CHECK(found("a", "{").starts_with("error: json_input is not JSON: "));
  CHECK(found("a", "").starts_with("error: json_input is not JSON: "));
  for (const auto* query : {"",        " ",    "a.",
                            ".a",      "a b",  "a[",
                            "a[?",     "a[?x", "[a",
                            "{a}",     "{a:b", "a ||",
                            "`{`",     "'x",   "\"x",
                            "a[1.5]",  "a[b]", "a[0:1:2:3]",
                            "a[0 1]",  "f(",   "f(a",
                            "(a",      "a)",   "a = b",
                            "#",       "a.1",  "a[99999999999999999999]",
                            "[0:1:0]", "!",    "a..b",
                            "æ"}) {
    CAPTURE(query);
    CHECK(found(query).starts_with("error: query cannot be read: "));
  }
  CHECK(found("a ; b") == "error: query cannot be read: ';' is not allowed at position 3");
}

TEST_CASE("Names, places and slices", "[domain][tool][json_query]") {
  check_queries({
    {"name", R"("Nordhavn")"},
    {"@.name", R"("Nordhavn")"},
    {"\"name\"", R"("Nordhavn")"},
    {"berths[0].length", "12.5"},
    {"berths[-1].id", "3"},
    {"berths[2].owner.\"odd key\"", "1"},
    {"prices", R"({"day":3,"week":18})"},
    {"nested[0][1]", "2"},
    {"nested[1:]", "[[3,[4]],5]"},
    {"nested[::-1]", "[5,[3,[4]],[1,2]]"},
    {"nested[-2:]", "[[3,[4]],5]"},
    {"nested[:1]", "[[1,2]]"},
    {"nested[5:9]", "[]"},
    {"nested[::2]", "[[1,2],5]"},
    {"nested[9223372036854775807:]", "[]"},
    {"nested[-9223372036854775808::9223372036854775807]", "[[1,2]]"},
    {"nested[::-9223372036854775808]", "[5]"},
    {"berths[0:2].id", "[1,2]"},
  });
}

TEST_CASE("Projections go over lists and objects", "[domain][tool][json_query]") {
  check_queries({
    {"berths[*].id", "[1,2,3]"},
    {"berths[].id", "[1,2,3]"},
    {"berths[*].owner.name", R"(["Ada"])"},
    {"berths[*].tags[0]", R"(["quay","buoy"])"},
    {"berths[*].tags[]", R"(["quay","power","buoy"])"},
    {"berths[*].tags | [0]", R"(["quay","power"])"},
    {"(berths[*].tags)[0]", R"(["quay","power"])"},
    {"nested[]", "[1,2,3,[4],5]"},
    {"nested[][]", "[1,2,3,4,5]"},
    {"prices.*", "[3,18]"},
    {"*.day", "[3]"},
    {"berths[*].[id, free]", "[[1,true],[2,false],[3,true]]"},
    {"berths[*].{n: id, l: length}", R"([{"n":1,"l":12.5},{"n":2,"l":8},{"n":3,"l":20}])"},
    {"[name, open]", R"(["Nordhavn",true])"},
    {"{a: name, \"b c\": open}", R"({"a":"Nordhavn","b c":true})"},
    {"berths[*].tags.length(@)", "[2,0,1]"},
  });
}

TEST_CASE("Filters, comparisons and logic", "[domain][tool][json_query]") {
  check_queries({
    {"berths[?free].id", "[1,3]"},
    {"berths[?!free].id", "[2]"},
    {"berths[?length > `10`].id", "[1,3]"},
    {"berths[?length >= `8` && length < `20`].id", "[1,2]"},
    {"berths[?length == `8.0`].id", "[2]"},
    {"berths[?owner.name == 'Ada'].id", "[3]"},
    {"berths[?contains(tags, 'power')].id | [0]", "1"},
    {"berths[?id != `1` || free].id", "[1,2,3]"},
    {"berths[?tags].id", "[1,3]"},
    {"berths[?owner.name < 'B'].id", "[]"},
    {"nowhere || name", R"("Nordhavn")"},
    {"open && name", R"("Nordhavn")"},
    {"empty && name || 'none'", R"("none")"},
    {"!open", "false"},
    {"prices == {day: `3`, week: `18`}", "true"},
    {"'it\\'s'", R"("it's")"},
    {"`\"q\"`", R"("q")"},
    {"`[1, {\"a\": null}]`", R"([1,{"a":null}])"},
  });
}

TEST_CASE("Functions", "[domain][tool][json_query]") {
  check_queries({
    {"length(berths)", "3"},
    {"length('æøå')", "3"},
    {"length(prices)", "2"},
    {"keys(prices)", R"(["day","week"])"},
    {"values(prices)", "[3,18]"},
    {"sum(berths[*].length)", "40.5"},
    {"sum(berths[*].id)", "6"},
    {"avg(berths[*].id)", "2.0"},
    {"max(berths[*].length)", "20"},
    {"min(berths[*].length)", "8"},
    {"max_by(berths, &length).id", "3"},
    {"min_by(berths, &length).id", "2"},
    {"sort_by(berths, &length)[*].id", "[2,1,3]"},
    {"sort(['b','a','c'])", R"(["a","b","c"])"},
    {"sort(`[3,1.5,2]`)", "[1.5,2,3]"},
    {"reverse(`[1,2]`)", "[2,1]"},
    {"reverse('æb')", R"("bæ")"},
    {"join(', ', berths[0].tags)", R"("quay, power")"},
    {"map(&id, berths)", "[1,2,3]"},
    {"map(&owner.name, berths)", R"([null,null,"Ada"])"},
    {"merge(prices, `{\"day\":4}`)", R"({"day":4,"week":18})"},
    {"not_null(nowhere, empty, name)", R"("Nordhavn")"},
    {"starts_with(name, 'Nord')", "true"},
    {"ends_with(name, 'x')", "false"},
    {"contains(name, 'havn')", "true"},
    {"to_number('12.5')", "12.5"},
    {"to_string(prices)", R"("{\"day\":3,\"week\":18}")"},
    {"to_array(name)", R"(["Nordhavn"])"},
    {"type(name)", R"("string")"},
    {"type(`1.5`)", R"("number")"},
    {"type(open)", R"("boolean")"},
    {"type(empty)", R"("null")"},
    {"floor(`2.7`)", "2"},
    {"ceil(`2.1`)", "3"},
    {"abs(`-9223372036854775808`)", "9223372036854775808"},
    {"max(`[]`) || 'none'", R"("none")"},
  });
}

TEST_CASE("Functions that cannot work say why", "[domain][tool][json_query]") {
  check_queries({
    {"nothing(name)", "error: query fails: there is no function nothing"},
    {"length(open)", "error: query fails: length cannot take a value of type boolean"},
    {"length()", "error: query fails: length takes another number of arguments"},
    {"sum(berths)", "error: query fails: only numbers can be added up"},
    {"sort(`[1,\"a\"]`)",
     "error: query fails: items can only be ordered when all are numbers or all are strings"},
    {"sort_by(berths, length)", "error: query fails: sort_by takes an expression with & before it"},
    {"sort_by(berths)", "error: query fails: sort_by takes an expression with & before it"},
    {"join(',', berths)", "error: query fails: only strings can be joined"},
    {"merge(prices, prices, name)", "error: query fails: only objects can be merged"},
    {"&name",
     "error: query fails: & stands only before an argument of map, sort_by, max_by or min_by"},
  });
}

TEST_CASE("Long results are cut in content and left out of data", "[domain][tool][json_query]") {
  const auto medium = "[\"" + std::string(10'000, 'x') + "\"]";
  const auto cut = query_json(medium, "@");
  CHECK(cut.truncated);
  CHECK(cut.content.size() == 8'000);
  CHECK(cut.data == R"({"matched":true,"result":)" + medium + "}");
  const auto large = query_json("[\"" + std::string(70'000, 'x') + "\"]", "@");
  CHECK(large.data == R"({"matched":true,"result":null,"left_out":true})");
}

TEST_CASE("Bounds of json_query are told", "[domain][tool][json_query]") {
  const auto full = "\"" + std::string(999'998, 'x') + "\"";
  CHECK_FALSE(query_json(full, "@").is_error);
  CHECK(found("@", full + " ") == "error: json_input is longer than 1,000,000 characters");
  CHECK(found(std::string(4'097, 'a')) == "error: query is longer than 4,096 bytes");
  CHECK(found(std::string(65, '(') + "a").find("deeper than 64") != std::string::npos);
  CHECK(found(std::string(65, '!') + "a").find("deeper than 64") != std::string::npos);
  auto chain = std::string{"a"};
  for (auto i = 0; i < 299; ++i)
    chain += ".a";
  CHECK(found(chain).starts_with("No match"));
  CHECK(found(chain + ".a").find("more than 600 words") != std::string::npos);
  CHECK(found("@", std::string(65, '[') + std::string(65, ']')).find("not JSON")
        != std::string::npos);
}

TEST_CASE("Queries that would grow or search without end are stopped",
          "[domain][tool][json_query]") {
  auto growing = std::string{"{a:@,b:@}"};
  for (auto i = 0; i < 40; ++i)
    growing += "|{a:@,b:@}";
  CHECK(found(growing)
        == "error: query fails: the query looks at or copies too much; ask for less");
  auto list = std::string{"[1"};
  for (auto i = 0; i < 20'000; ++i)
    list += ",1";
  list += "]";
  CHECK(
    found("map(&length(sort(`" + list.substr(0, 3'000) + "1]`)), @)", list).find("copies too much")
    != std::string::npos);
}
