#include "bootstrap/persona_folders.hpp"
#include "domain/persona/file_persona.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_directory.hpp"

#include <fstream>
#include <sys/stat.h>

using namespace persona_runtime;
namespace fs = std::filesystem;

namespace {

std::string document(const std::string& name, const std::string& front = {}) {
  return front + "identity:\n  name: " + name + "\n  role: clerk\n  background: Keeps berths.\n";
}

struct folders {
  testing::scratch_directory all;
  std::vector<std::string> dirs{(all.path() / "a").string()};

  folders() { fs::create_directory(all.path() / "a"); }

  [[nodiscard]] fs::path in_a(const std::string& name) const { return all.path() / "a" / name; }
  static void write(const fs::path& file, const std::string& text) { std::ofstream{file} << text; }
  [[nodiscard]] folder_reading read() const {
    auto out = read_persona_folders(dirs);
    REQUIRE(out.has_value());
    return std::move(*out);
  }
};

}  // namespace

TEST_CASE_METHOD(folders, "persona files of a folder are read by name, other files are not",
                 "[bootstrap]") {
  write(in_a("b.yml"), document("B"));
  write(in_a("a.yaml"), document("A", "persona_id: clerk\nowner_id: ops\n"));
  write(in_a("c.txt"), document("C"));
  write(in_a(".d.yaml"), document("D"));
  fs::create_directory(in_a("deeper"));
  write(in_a("deeper/e.yaml"), document("E"));
  const auto got = read();
  CHECK(got.warnings.empty());
  REQUIRE(got.personas.size() == 2);
  CHECK(got.personas[0].owner == owner_id{"ops"});
  CHECK(got.personas[0].id == id_of_file_persona({"ops"}, "clerk"));
  CHECK(got.personas[0].yaml == document("A", "persona_id: clerk\nowner_id: ops\n"));
  CHECK(got.personas[1].owner == owner_id{"local-owner"});
  CHECK(got.personas[1].id == id_of_file_persona({"local-owner"}, "b"));
}

TEST_CASE_METHOD(folders, "a file with a mistake is left out, with its line", "[bootstrap]") {
  write(in_a("good.yaml"), document("A"));
  write(in_a("wrong.yaml"), "identity:\n  name: A\n  rolle: clerk\n  background: B\n");
  write(in_a("long.yaml"), std::string(300'000, '#'));
  const auto got = read();
  CHECK(got.personas.size() == 1);
  const auto all = [&] {
    auto text = std::string{};
    for (const auto& w : got.warnings)
      text += w + '\n';
    return text;
  }();
  CHECK(all.find("wrong.yaml:3: identity.rolle") != std::string::npos);
  CHECK(all.find("long.yaml: larger than 256 KiB") != std::string::npos);
}

TEST_CASE_METHOD(folders, "links are followed to regular files only", "[bootstrap]") {
  write(all.path() / "outside", document("A"));
  fs::create_symlink(all.path() / "outside", in_a("linked.yaml"));
  fs::create_symlink(all.path() / "nowhere", in_a("dangling.yaml"));
  fs::create_symlink(in_a("loop.yaml"), in_a("loop.yaml"));
  fs::create_symlink(all.path(), in_a("folder.yaml"));
  REQUIRE(::mkfifo(in_a("pipe.yaml").c_str(), 0600) == 0);
  const auto got = read();
  REQUIRE(got.personas.size() == 1);
  CHECK(got.personas[0].id == id_of_file_persona({"local-owner"}, "linked"));
  CHECK(got.warnings.size() == 4);
}

TEST_CASE_METHOD(folders, "of two files that are one persona the first one counts", "[bootstrap]") {
  dirs.push_back((all.path() / "b").string());
  fs::create_directory(dirs.back());
  write(fs::path{dirs.back()} / "clerk.yaml", document("Second"));
  write(in_a("x.yaml"), document("First", "persona_id: clerk\n"));
  const auto got = read();
  REQUIRE(got.personas.size() == 1);
  CHECK(got.personas[0].file == in_a("x.yaml"));
  REQUIRE(got.warnings.size() == 1);
  CHECK(got.warnings[0].find("clerk.yaml: left out") != std::string::npos);
}

TEST_CASE_METHOD(folders, "a folder that is not there is a mistake in the settings",
                 "[bootstrap]") {
  dirs.push_back((all.path() / "gone").string());
  const auto got = read_persona_folders(dirs);
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().code == errc::validation_error);
  CHECK(got.error().detail.find("personas.dirs") != std::string::npos);
  CHECK(got.error().detail.find("gone") != std::string::npos);
}
