// The personas that come with the program, read the way the command line reads them.

#include "bootstrap/cli/validate.hpp"
#include "bootstrap/persona_file.hpp"
#include "domain/prompt/floor.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

using namespace persona_runtime;
using Catch::Matchers::Contains;

namespace {

const std::filesystem::path personas{PERSONA_SOURCE_DIR "/config/personas"};

std::vector<std::string> samples() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator{personas})
    out.push_back(entry.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

/// A folder of its own that is gone afterwards.
class scratch {
public:
  scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "persona-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string write(std::string_view name, std::string_view text) const {
    auto file = path_ / name;
    std::ofstream{file} << text;
    return file.string();
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("every sample persona is valid and says nothing odd", "[domain][persona]") {
  auto files = samples();
  CHECK(files.size() >= 3);
  for (const auto& file : files) {
    CAPTURE(file);
    auto out = load_persona_file(file);
    REQUIRE(out.has_value());
    CHECK(out->notices.empty());
    CHECK(out->value->id == std::filesystem::path{file}.stem().string());
  }
}

TEST_CASE("the default sample may use the tools of the sample task", "[domain][persona]") {
  auto out = load_persona_file(personas / "harbour_master.yaml");
  REQUIRE(out.has_value());
  for (auto tool : {"calculator", "datetime", "file_write", "file_read", "text_diff", "regex_match",
                    "json_query"}) {
    CAPTURE(tool);
    CHECK(allows_tool(*out->value, tool));
  }
}

TEST_CASE("the shipped texts make a floor of every sample persona", "[domain][prompt]") {
  std::ifstream in{PERSONA_SOURCE_DIR "/config/prompts/run.yaml"};
  auto texts = parse_prompt_texts(std::string{std::istreambuf_iterator<char>{in}, {}});
  REQUIRE(texts.has_value());
  for (const auto& file : samples()) {
    CAPTURE(file);
    auto out = load_persona_file(file);
    REQUIRE(out.has_value());
    auto floor = floor_of(*out->value, *texts);
    CHECK_THAT(floor, Contains(out->value->identity.name) && Contains("[FINAL]"));
    CHECK(floor.find("{") == std::string::npos);
    CHECK((floor.find("Norwegian") != std::string::npos)
          == (out->value->identity.language_default == "nb"));
  }
}

TEST_CASE("PS-02 a path that leads to no file is said so", "[domain][persona]") {
  scratch dir;
  auto missing = load_persona_file(dir.path() / "nobody.yaml");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().fault == persona_fault::not_found);
  CHECK_THAT(missing.error().problems.at(0).text, Contains("not found"));
  auto folder = load_persona_file(dir.path());
  REQUIRE_FALSE(folder.has_value());
  CHECK(folder.error().fault == persona_fault::not_found);
  CHECK_THAT(folder.error().problems.at(0).text, Contains("file"));
}

TEST_CASE("a file over 256 KiB is refused unread", "[domain][persona]") {
  scratch dir;
  auto out = load_persona_file(dir.write("big.yaml", std::string(256 * 1024 + 1, '#')));
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().fault == persona_fault::invalid_yaml);
  CHECK_THAT(out.error().problems.at(0).text, Contains("256 KiB"));
  auto at_bound = load_persona_file(dir.write("full.yaml", std::string(256 * 1024, '#')));
  REQUIRE_FALSE(at_bound.has_value());
  CHECK(at_bound.error().fault == persona_fault::not_a_mapping);
}

TEST_CASE("persona validate names every problem and answers 1", "[domain][persona]") {
  scratch dir;
  auto good = dir.write("good.yaml", "identity: {name: N, role: R, background: B}\n");
  auto bad = dir.write("bad.yaml", "identity:\n  nam: N\n  role: R\n  background: 7\n");
  auto gone = (dir.path() / "gone.yaml").string();
  std::vector<std::string> paths{good, bad, gone};
  std::ostringstream out;
  std::ostringstream err;
  CHECK(validate_files(paths, out, err) == 1);
  CHECK(out.str() == good + ": ok\n");
  CHECK(err.str()
        == bad + ":2: identity.name: is missing; it must be text\n" + bad
             + ":2: identity.nam: is not a known key; did you mean name?\n" + bad
             + ":4: identity.background: must be text, but YAML reads 7 as a number; "
             + "write it in quotes: \"7\"\n" + gone + ": not found; check the path\n");
}

TEST_CASE("persona validate answers 0 with notices", "[domain][persona]") {
  scratch dir;
  auto star =
    dir.write("star.yaml", "identity: {name: N, role: R, background: B}\ntools: [\"*\"]\n");
  std::vector<std::string> paths{star};
  std::ostringstream out;
  std::ostringstream err;
  CHECK(validate_files(paths, out, err) == 0);
  CHECK(out.str() == star + ": ok\n");
  CHECK_THAT(err.str(), Contains(star + ":2: tools: note: \"*\" allows every tool"));
}
