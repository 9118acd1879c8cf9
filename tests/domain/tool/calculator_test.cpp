#include "domain/tool/calculator.hpp"
#include "tests/support/catch.hpp"

#include <boost/json.hpp>

#include <string>
#include <vector>

using namespace persona_runtime;

namespace {

struct row {
  std::string expression;
  std::string expected;
};

std::string text_of(const std::string& expression) {
  const auto result = calculate(expression);
  return result.is_error ? "error: " + result.content : result.content;
}

/// "Syntax", "Limit", … or "none".
std::string kind_of(const std::string& expression) {
  const auto result = calculate(expression);
  const auto at = result.content.rfind("[kind=");
  if (!result.is_error || at == std::string::npos)
    return "none";
  CHECK(result.content.starts_with("cannot evaluate '"));
  return result.content.substr(at + 6, result.content.size() - at - 7);
}

std::string times(std::size_t count, const std::string& text) {
  auto all = std::string{};
  for (std::size_t i = 0; i < count; ++i)
    all += text;
  return all;
}

void check_all(const std::vector<row>& rows) {
  for (const auto& r : rows) {
    CAPTURE(r.expression);
    CHECK(text_of(r.expression) == r.expected);
  }
}

}  // namespace

TEST_CASE("BT-13 the reference vectors, with exact decimals instead of floats",
          "[domain][tool][calculator]") {
  check_all({
    {"2**-1", "0.5"},
    {"-7//2", "-4"},
    {"-7%3", "2"},
    {"round(2.5)", "2"},
    {"0.1+0.2", "0.3"},
    {"10/2", "5.0"},
    {"5.5//2", "2.0"},
    {"log(8,2)", "3.0"},
    {"1e400", "1" + times(400, "0") + ".0"},
  });
  const auto big = text_of("2**1000");
  CHECK(big.size() == 302);
  CHECK(big.starts_with("1071508607186267320948425049060001810561404811705533607443750388370351"));
  CHECK(big.ends_with("668069376"));
  CHECK(kind_of(" 1+1") == "Syntax");
}

TEST_CASE("BT-13 what is not arithmetic is refused", "[domain][tool][calculator]") {
  for (const auto* expression : {"__import__('os')",
                                 "(1).__class__",
                                 "[x for x in (1,2)]",
                                 "lambda: 1",
                                 "'a'*5",
                                 "True+1",
                                 "pow(2, exp=3)",
                                 "1 < 2",
                                 "1 | 2",
                                 "1 ^ 2",
                                 "~1",
                                 "x",
                                 "2j",
                                 "1.2.3",
                                 "1__0",
                                 "1_",
                                 "0x",
                                 "012",
                                 "1 2",
                                 "(1",
                                 "1)",
                                 "1+",
                                 "",
                                 "   ",
                                 "2 ** ",
                                 "sqrt",
                                 "sqrt(1,)",
                                 "1,000",
                                 "a.b",
                                 "open(1)",
                                 "\"1\"",
                                 "1;2",
                                 "1\n2",
                                 "5%",
                                 "{1}",
                                 "æ+1",
                                 "\xFF"}) {
    CAPTURE(expression);
    CHECK(kind_of(expression) == "Syntax");
  }
  CHECK(text_of("1,000*2").find("write 1000 or 1_000") != std::string::npos);
}

TEST_CASE("BT-13 depth, length and number of parts are bounded", "[domain][tool][calculator]") {
  CHECK(text_of("1" + times(20, "+1")) == "21");
  CHECK(text_of("1" + times(21, "+1")).find("nested too deeply") != std::string::npos);
  CHECK(text_of("1" + times(25, "+1")).find("nested too deeply") != std::string::npos);
  CHECK(kind_of(times(255, "-") + "1") == "Limit");
  CHECK(text_of(times(100, "(") + "1" + times(100, ")")) == "1");
  CHECK(kind_of(times(256, "(")) == "Syntax");
  const auto tens = "(" + times(9, "1+") + "1)";  // 19 parts
  const auto fives = tens + "*(" + tens + "*(" + tens + "*(" + tens + "*(" + tens + "))))";
  CHECK(text_of(fives) == "100000");  // 99 parts
  CHECK(kind_of(fives + "+1") == "Limit");
  CHECK(text_of("1" + times(255, " ")) == "1");
  CHECK(kind_of("1" + times(256, " ")) == "Limit");
}

TEST_CASE("BT-14 what would take long is refused before it is computed",
          "[domain][tool][calculator]") {
  for (const auto* expression : {"2**1001",
                                 "10**(10**10)",
                                 "factorial(1001)",
                                 "factorial(-1)",
                                 "(10**1000)**10",
                                 "((10**1000)**5)*10**1000*10**1000",
                                 "factorial(1000)**3",
                                 "2.0**1001",
                                 "pow(2,1001)",
                                 "pow(2,-1001)",
                                 "10**400**1000",
                                 "2**1e300",
                                 "pow(2,1001,7)",
                                 "1.5**1001",
                                 "10**1000*1e6000",
                                 "1e6021",
                                 "1e-6021",
                                 "1e999999999999999999999",
                                 "1e-99999999999999999999",
                                 "1e-6000*1e-21",
                                 "1e6000//1e-6000",
                                 "1e6000+1e-6000",
                                 "1e6000/1e-6000",
                                 "0.0000001**1000",
                                 "(((9**999)**999)**999)**999"}) {
    CAPTURE(expression);
    CHECK(kind_of(expression) == "Limit");
  }
  CHECK(text_of("factorial(1000)").size() == 2568);
  CHECK(text_of("(2**1000)**19*2**999").size() == 6021);  // 20,000 bits
  CHECK(kind_of("(2**1000)**19*2**1000") == "Limit");     // 20,001 bits
  CHECK(text_of("(2**1000)**19*2**999+2**999-1").size() == 6021);
  CHECK(kind_of("((2**1000)**19*2**999-1)*2+2") == "Limit");  // one bit by addition
}

TEST_CASE("Integers are exact and operators bind as in Python", "[domain][tool][calculator]") {
  check_all({
    {"2+3*4", "14"},
    {"(2+3)*4", "20"},
    {"-2**2", "-4"},
    {"2**3**2", "512"},
    {"2**-2", "0.25"},
    {"--3", "3"},
    {"+-+3", "-3"},
    {"7//2", "3"},
    {"7//-2", "-4"},
    {"7%-3", "-2"},
    {"-7.5%2", "0.5"},
    {"7.5//-2", "-4.0"},
    {"0x_ff",
     "error: cannot evaluate '0x_ff': '_' at position 3 is not allowed here [kind=Syntax]"},
    {"0xFF+0o17+0b11", "273"},
    {"1_000_000", "1000000"},
    {"00", "0"},
    {"1e3", "1000.0"},
    {"0e99999999999999999999", "0.0"},
    {"1E+2", "100.0"},
    {"12.50e-1", "1.25"},
    {"007.5", "7.5"},
    {".5+5.", "5.5"},
    {"9007199254740993+0", "9007199254740993"},
    {"9007199254740993*1.0", "9007199254740993.0"},
    {"123456789012345678901234567890*987654321", "121932631124828532112482853211126352690"},
    {"10**30//7", "142857142857142857142857142857"},
    {"1/3", "0.3333333333333333333333333333"},
    {"10**400/10**399", "10.0"},
    {"(2**53+1)/1", "9007199254740993.0"},
    {"(2**54+6)/2", "9007199254740995.0"},
    {"-7/2", "-3.5"},
    {"0/5", "0.0"},
    {"10 % 4 ", "2"},
  });
}

TEST_CASE("Decimals are exact", "[domain][tool][calculator]") {
  check_all({
    {"0.1+0.2-0.3", "0.0"},
    {"1.10*3", "3.3"},
    {"19.99*3", "59.97"},
    {"0.5*2", "1.0"},
    {"-0.5*2", "-1.0"},
    {"0*-1.5", "0.0"},
    {"1-0.9", "0.1"},
    {"1e300*1e-300", "1.0"},
    {"1e400+1-1e400", "1.0"},
    {"9007199254740993+0.1", "9007199254740993.1"},
    {"1.05**3", "1.157625"},
    {"1.1**20", "6.72749994932560009201"},
    {"(-0.5)**3", "-0.125"},
    {"2**2.0", "4.0"},
    {"0**0", "1"},
    {"0.5**-2", "4.0"},
    {"3**-1", "0.3333333333333333333333333333"},
    {"2.5//0.1", "25.0"},
    {"-2.5//0.1", "-25.0"},
    {"2.55%0.1", "0.05"},
    {"-2.55%0.1", "0.05"},
    {"2.55%-0.1", "-0.05"},
    {"1e-7", "0.0000001"},
    {"1e-400", "0." + times(399, "0") + "1"},
    {"abs(-0.1)", "0.1"},
    {"4**0.5", "2.0"},
  });
  CHECK(text_of("1e6000").size() == 6003);
  CHECK(text_of("1e-6020").size() == 6022);
  CHECK(text_of("0.0000001**860").size() == 6022);
}

TEST_CASE("A quotient is exact when it ends, else it has 28 digits", "[domain][tool][calculator]") {
  check_all({
    {"1/8", "0.125"},
    {"1/1024", "0.0009765625"},
    {"3/0.5", "6.0"},
    {"0.3/0.1", "3.0"},
    {"1/5**40", "0.0000000000000000000000000001099511627776"},
    {"6/3", "2.0"},
    {"2/3", "0.6666666666666666666666666667"},
    {"-2/3", "-0.6666666666666666666666666667"},
    {"2/-3", "-0.6666666666666666666666666667"},
    {"0.002/3", "0.0006666666666666666666666666667"},
    {"100/7", "14.28571428571428571428571429"},
    {"1/7*7", "1.0000000000000000000000000003"},
    {"10**27/7", "142857142857142857142857142.9"},
    {"10**30/7", "142857142857142857142857142857.0"},
    {"(10**30-1)/(10**30-3)", "1.0"},
    {"1e-300/3*1e300", "0.3333333333333333333333333333"},
  });
  CHECK(text_of("1/2**1000/2**1000").size() == 2002);
  CHECK(kind_of("1/(2**1000)**7") == "Limit");
  CHECK(kind_of("1/3/10**1000/1e5500") == "Limit");
}

TEST_CASE("Functions give what their names say", "[domain][tool][calculator]") {
  check_all({
    {"sqrt(16)", "4.0"},
    {"pi", "3.141592653589793"},
    {"e", "2.718281828459045"},
    {"tau", "6.283185307179586"},
    {"sin(0)+cos(0)+tan(0)", "1.0"},
    {"asin(1)", "1.5707963267948966"},
    {"acos(1)", "0.0"},
    {"atan(1)*4", "3.1415926535897932"},
    {"atan2(1,1)", "0.7853981633974483"},
    {"log(e)", "1.0"},
    {"log10(1000)", "3.0"},
    {"log2(1024)", "10.0"},
    {"log2(2**1000*2**1000)", "2000.0"},
    {"exp(0)", "1.0"},
    {"floor(-2.5)", "-3"},
    {"ceil(-2.5)", "-2"},
    {"floor(7)", "7"},
    {"floor(1e22)", "10000000000000000000000"},
    {"abs(-3)", "3"},
    {"abs(-3.5)", "3.5"},
    {"round(3.5)", "4"},
    {"round(-2.5)", "-2"},
    {"round(2.675, 2)", "2.68"},
    {"round(2.665, 2)", "2.66"},
    {"round(-2.675, 2)", "-2.68"},
    {"round(-0.4)", "0"},
    {"floor(-2.0)", "-2"},
    {"ceil(2.000001)", "3"},
    {"round(1234, -2)", "1200"},
    {"round(1250, -2)", "1200"},
    {"round(1350, -2)", "1400"},
    {"round(-1350, -2)", "-1400"},
    {"round(1234.5, -2)", "1200.0"},
    {"round(5, -9000)", "0"},
    {"round(0.1, 5000)", "0.1"},
    {"round(7, 2)", "7"},
    {"hypot(3,4)", "5.0"},
    {"degrees(pi)", "180.0"},
    {"radians(180)", "3.141592653589793"},
    {"gcd(12,18)", "6"},
    {"gcd(12,18,-27)", "3"},
    {"factorial(5)", "120"},
    {"factorial(0)", "1"},
    {"pow(2,10)", "1024"},
    {"pow(3,4,5)", "1"},
    {"pow(-3,3,5)", "3"},
    {"pow(3,4,-5)", "-4"},
    {"round(2.4)+round(2.6)", "5"},
  });
}

TEST_CASE("What has no value is told with its kind", "[domain][tool][calculator]") {
  const auto rows = std::vector<row>{
    {"1/0", "ZeroDivision"},
    {"1//0", "ZeroDivision"},
    {"1%0", "ZeroDivision"},
    {"1.5/0", "ZeroDivision"},
    {"1.5//0.0", "ZeroDivision"},
    {"1%0.0", "ZeroDivision"},
    {"0**-1", "ZeroDivision"},
    {"log(5,1)", "ZeroDivision"},
    {"pow(2,3,0)", "ZeroDivision"},
    {"(-8)**0.5", "Domain"},
    {"sqrt(-1)", "Domain"},
    {"log(0)", "Domain"},
    {"log(-1.5)", "Domain"},
    {"acos(2)", "Domain"},
    {"sin(1e400)", "Overflow"},
    {"exp(1000)", "Overflow"},
    {"sqrt(10**400)", "Overflow"},
    {"1e300**1.5", "Overflow"},
    {"floor(exp(1000))", "Overflow"},
    {"hypot(1e400,1)", "Overflow"},
    {"factorial(3.0)", "Type"},
    {"gcd(1.5)", "Type"},
    {"round(1.5,0.5)", "Type"},
    {"sqrt()", "Type"},
    {"sqrt(1,2)", "Type"},
    {"pow(2.0,3,5)", "Type"},
    {"atan2(1,1e400)", "Overflow"},
    {"0.0**-1.5", "ZeroDivision"},
    {"0.0**-2", "ZeroDivision"},
  };
  for (const auto& r : rows) {
    CAPTURE(r.expression);
    CHECK(kind_of(r.expression) == r.expected);
  }
}

TEST_CASE("Data holds what any JSON reader can hold", "[domain][tool][calculator]") {
  CHECK(calculate("2+3").data == R"({"expression":"2+3","result":5})");
  CHECK(calculate("1/4").data == R"({"expression":"1/4","result":0.25})");
  CHECK(calculate("2**63-1").data == R"({"expression":"2**63-1","result":9223372036854775807})");
  CHECK(calculate("2**63").data == R"({"expression":"2**63","result":"9223372036854775808"})");
  CHECK(calculate("0.1+0.2").data == R"({"expression":"0.1+0.2","result":0.3})");
  CHECK(calculate("1e20").data == R"({"expression":"1e20","result":1e+20})");
  CHECK(calculate("2/3").data
        == R"({"expression":"2/3","result":"0.6666666666666666666666666667"})");
  CHECK(calculate("1e309").data
        == R"({"expression":"1e309","result":"1)" + times(309, "0") + R"(.0"})");
  CHECK(calculate("1/0").data.empty());
}
