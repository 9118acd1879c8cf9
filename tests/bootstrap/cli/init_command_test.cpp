#include "bootstrap/cli/init_command.hpp"
#include "domain/persona/parse_persona.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_directory.hpp"

#include <fstream>
#include <sstream>

using namespace persona_runtime;
using namespace persona_runtime::cli;

namespace {

struct outcome_of_init {
  int code = -1;
  std::string out;
  std::string err;
};

outcome_of_init init(const init_options& options, const std::string& typed = {}) {
  auto in = std::istringstream{typed};
  auto out = std::ostringstream{};
  auto err = std::ostringstream{};
  const auto code = init_persona(options, in, out, err);
  return {code, out.str(), err.str()};
}

persona read(const std::string& text) {
  const auto parsed = parse_persona(text);
  REQUIRE(parsed.has_value());
  return *parsed->value;
}

std::string text_of(const std::filesystem::path& file) {
  auto in = std::ifstream{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

init_options to_stdout() {
  auto options = init_options{};
  options.output = "-";
  return options;
}

init_options given() {
  auto options = to_stdout();
  options.name = "Odd Berg";
  options.role = "clerk";
  options.background = "Keeps the berths.";
  return options;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("CL-02 init asks in order; with blank optionals the file validates", "[bootstrap]") {
  const auto got = init(to_stdout(), "\nOdd Berg\nclerk\nKeeps the berths.\n\n\n\n\n");
  CHECK(got.code == 0);
  const auto p = read(got.out);
  CHECK(p.id == "odd_berg");
  CHECK(p.identity.name == "Odd Berg");
  CHECK(p.identity.language_default == "en");
  CHECK(p.identity.constraints.empty());
  CHECK(p.tools.empty());
  for (const auto* question : {"id", "name", "role", "background", "language", "tools", "skills"})
    CHECK(got.err.find(question) != std::string::npos);
}

TEST_CASE("init takes all that is answered, whatever characters are in it", "[bootstrap]") {
  const auto got = init(to_stdout(), "clerk_1\nOdd \"B\" Berg: #1\nno\nÅpner: { \\ }\nno\n"
                                     "Never guess.\n- yes\n\ncalculator, oracle ,\nknots\n");
  CHECK(got.code == 0);
  const auto p = read(got.out);
  CHECK(p.id == "clerk_1");
  CHECK(p.identity.name == "Odd \"B\" Berg: #1");
  CHECK(p.identity.role == "no");
  CHECK(p.identity.background == "Åpner: { \\ }");
  CHECK(p.identity.language_default == "no");
  CHECK(p.identity.constraints == texts{"Never guess.", "- yes"});
  CHECK(p.tools == texts{"calculator", "oracle"});
  CHECK(p.skills == texts{"knots"});
  CHECK(got.err.find("no tool called oracle") != std::string::npos);
  CHECK(got.err.find("no tool called calculator") == std::string::npos);
  CHECK(got.err.find("no skill called knots") != std::string::npos);
}

TEST_CASE("init asks again for what is needed, and gives up at the end of the input",
          "[bootstrap]") {
  CHECK(init(to_stdout(), "\n\nOdd\nclerk\nB.\n").code == 0);
  const auto cut = init(to_stdout(), "\nOdd\n");
  CHECK(cut.code == 1);
  CHECK(cut.out.empty());
  CHECK(cut.err.find("--role") != std::string::npos);
}

TEST_CASE("with name, role and background init asks nothing", "[bootstrap]") {
  auto options = given();
  options.language = "nb";
  options.constraints = {"Never guess."};
  options.tools = {"*"};
  const auto got = init(options);
  CHECK(got.code == 0);
  CHECK(got.err.empty());
  CHECK(read(got.out).identity.language_default == "nb");
  CHECK(read(got.out).tools == texts{"*"});
  options.name = "";
  CHECK(init(options).code == 1);
}

TEST_CASE("CL-02 init leaves a file that is there unless told otherwise", "[bootstrap]") {
  const auto folder = testing::scratch_directory{};
  const auto file = folder.path() / "odd.yaml";
  std::ofstream{file} << "mine";
  auto options = given();
  options.output = file.string();
  for (const auto* answer : {"\n", "n\n", "", "maybe\n"}) {
    const auto got = init(options, answer);
    CHECK(got.code == 0);
    CHECK(got.err.find("aborted") != std::string::npos);
    CHECK(text_of(file) == "mine");
  }
  CHECK(init(options, "y\n").out == file.string() + "\n");
  CHECK(read(text_of(file)).identity.name == "Odd Berg");
  options.force = true;
  options.name = "Mira";
  CHECK(init(options).code == 0);
  CHECK(read(text_of(file)).identity.name == "Mira");
}

TEST_CASE("init says when the file cannot be written", "[bootstrap]") {
  const auto folder = testing::scratch_directory{};
  auto options = given();
  options.output = (folder.path() / "gone" / "odd.yaml").string();
  const auto got = init(options);
  CHECK(got.code == 1);
  CHECK(got.err.find("cannot be written") != std::string::npos);
}
