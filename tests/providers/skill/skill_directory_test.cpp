#include "domain/skill/activation.hpp"
#include "providers/skill/skill_directory.hpp"
#include "tests/domain/skill/skill_samples.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch_directory.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace persona_runtime;
using namespace persona_runtime::test;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

class skill_tree {
public:
  void write(const std::string& path, std::string_view text) const {
    fs::create_directories((root() / path).parent_path());
    std::ofstream{root() / path} << text;
  }
  void skill(const std::string& path, std::string_view body = "Tie.") const {
    write(path + "/SKILL.md", "---\ndescription: d\n---\n" + std::string{body});
  }
  [[nodiscard]] const fs::path& root() const { return directory_.path(); }
  [[nodiscard]] skill_root of(const std::string& name, skill_trust trust) const {
    return {(root() / name).string(), trust, std::string{name}};
  }

private:
  testing::scratch_directory directory_;
};

found_skills read(const std::vector<skill_root>& roots) {
  return read_skills(roots, counted());
}

}  // namespace

TEST_CASE("SK-03 of two skills of a name the first root's counts, and it is said so",
          "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.skill("user/knots", "Mine.");
  tree.skill("built/knots", "Shipped.");
  tree.skill("built/charts", "Shipped.");
  const auto found =
    read({tree.of("user", skill_trust::vetted), tree.of("built", skill_trust::builtin)});
  CHECK(found.shelf.by_id.at("knots")->content.view() == "Mine.");
  CHECK(found.shelf.by_id.at("knots")->trust == skill_trust::vetted);
  CHECK(found.shelf.by_id.at("charts")->trust == skill_trust::builtin);
  REQUIRE(found.notices.size() == 1);
  CHECK_THAT(found.notices[0], Contains("knots") && Contains("built"));
}

TEST_CASE("SK-04 a malformed skill costs only itself", "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.skill("s/knots");
  tree.write("s/broken/SKILL.md", "no front matter");
  tree.write("s/yaml/SKILL.md", "---\na: [\n---\n");
  tree.write("s/latin/SKILL.md", "---\ndescription: \xE6\n---\n");
  tree.write("s/large/SKILL.md", std::string(256 * 1024 + 1, '-'));
  tree.write("s/bad name/SKILL.md", "---\ndescription: d\n---\n");
  fs::create_directories(tree.root() / "s/empty");
  fs::create_directories(tree.root() / "s/folder/SKILL.md");
  tree.write("s/README.md", "not a skill");
  const auto found = read({tree.of("s", skill_trust::builtin)});
  CHECK(found.shelf.by_id.size() == 1);
  CHECK(found.shelf.by_id.contains("knots"));
  CHECK(found.notices.size() == 7);
  const auto chosen = select_skills({"broken", "knots"}, found.shelf);
  REQUIRE(chosen.skills.size() == 1);
  CHECK(chosen.skills[0]->name == "knots");
  CHECK(chosen.notices.size() == 1);
}

TEST_CASE("a root that is not there is passed over in silence", "[providers][skill]") {
  const auto found = read({{"/nonexistent/skills", skill_trust::builtin, "builtin"}});
  CHECK(found.shelf.by_id.empty());
  CHECK(found.notices.empty());
}

TEST_CASE("links that lead out of a skill are not followed", "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.write("secret.md", "---\ndescription: secret\n---\n");
  fs::create_directories(tree.root() / "s/out");
  fs::create_symlink(tree.root() / "secret.md", tree.root() / "s/out/SKILL.md");
  tree.skill("s/supplemented");
  fs::create_directories(tree.root() / "s/supplemented/supplements");
  fs::create_symlink(tree.root() / "secret.md", tree.root() / "s/supplemented/supplements/a.md");
  tree.write("s/inside/real.md", "---\ndescription: inside\n---\n");
  fs::create_symlink("real.md", tree.root() / "s/inside/SKILL.md");
  const auto found = read({tree.of("s", skill_trust::third_party)});
  CHECK(found.shelf.by_id.size() == 1);
  CHECK(found.shelf.by_id.contains("inside"));
  CHECK(found.notices.size() == 2);
}

TEST_CASE("SK-17 supplements are the .md files, by name", "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.skill("s/knots");
  for (const auto* name : {"b.md", "a.md", "c.txt"})
    tree.write("s/knots/supplements/" + std::string{name}, name);
  const auto found = read({tree.of("s", skill_trust::builtin)});
  CHECK(staged_supplements(*found.shelf.by_id.at("knots"))
        == std::vector<skill_supplement>{{".skills/knots/supplements/a.md", shared_text{"a.md"}},
                                         {".skills/knots/supplements/b.md", shared_text{"b.md"}}});
}

TEST_CASE("a skill with too many or too large supplements is left out", "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.skill("s/at_bound");
  tree.skill("s/many");
  for (auto i = 0; i < 65; ++i) {
    tree.write("s/many/supplements/" + std::to_string(i) + ".md", "x");
    if (i < 64)
      tree.write("s/at_bound/supplements/" + std::to_string(i) + ".md", "x");
  }
  tree.skill("s/large");
  tree.write("s/large/supplements/a.md", std::string(256 * 1024 + 1, 'x'));
  const auto found = read({tree.of("s", skill_trust::builtin)});
  CHECK(found.shelf.by_id.size() == 1);
  CHECK(found.shelf.by_id.contains("at_bound"));
}

TEST_CASE("SK-16 whatever changes in a skill changes its hash", "[providers][skill]") {
  const auto tree = skill_tree{};
  const auto hash = [&] {
    return read({tree.of("s", skill_trust::third_party)}).shelf.by_id.at("knots")->content_hash;
  };
  tree.skill("s/knots", "Tie.");
  const auto first = hash();
  CHECK(first.size() == 64);
  CHECK(hash() == first);
  tree.skill("s/knots", "Tie!");
  const auto second = hash();
  CHECK(second != first);
  tree.write("s/knots/supplements/a.md", "x");
  CHECK(hash() != second);
}

TEST_CASE("the tokens of a body are counted when it is read", "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.skill("s/knots", body_of(321));
  CHECK(read({tree.of("s", skill_trust::builtin)}).shelf.by_id.at("knots")->content_tokens == 321);
}

TEST_CASE("two skills of one name: the first declared one is taken", "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.write("s/a/SKILL.md", "---\nname: knots\ndescription: d\n---\nA");
  tree.write("s/b/SKILL.md", "---\nname: knots\ndescription: d\n---\nB");
  const auto found = read({tree.of("s", skill_trust::builtin)});
  const auto chosen = select_skills({"b", "a"}, found.shelf);
  REQUIRE(chosen.skills.size() == 1);
  CHECK(chosen.skills[0]->content.view() == "B");
  CHECK(chosen.notices.size() == 1);
}

TEST_CASE("a tool that a skill needs and the persona lacks is noticed, the skill stays",
          "[providers][skill]") {
  const auto tree = skill_tree{};
  tree.write("s/knots/SKILL.md",
             "---\ndescription: d\ntools_required: [file_write, web_search]\n---\n");
  const auto found = read({tree.of("s", skill_trust::builtin)});
  const auto chosen = select_skills({"knots"}, found.shelf,
                                    [](std::string_view tool) { return tool == "file_write"; });
  CHECK(chosen.skills.size() == 1);
  REQUIRE(chosen.notices.size() == 1);
  CHECK_THAT(chosen.notices[0], Contains("web_search"));
  CHECK(select_skills({"knots"}, found.shelf).notices.empty());
}

TEST_CASE("the shipped skills are whole, within their budgets, and in the catalog",
          "[providers][skill]") {
  const auto folder = std::string{PERSONA_SOURCE_DIR "/config/skills"};
  const auto found = read({{folder, skill_trust::builtin, "builtin"}});
  CHECK(found.notices.empty());
  CHECK(found.shelf.by_id.size() == 3);
  for (const auto& [id, s] : found.shelf.by_id) {
    CAPTURE(id);
    CHECK(s->name == id);
    CHECK(s->alone.complete);
    CHECK(s->content_tokens <= 1'800);
    CHECK_FALSE(s->when_to_use.empty());
  }
  auto in = std::ifstream{folder + "/catalog.yaml"};
  auto shelf = found.shelf;
  shelf.catalog = parse_skill_catalog(std::string{std::istreambuf_iterator<char>{in}, {}}).value();
  const auto all = select_skills(
    {"collection:research", "collection:document", "pdf_generation", "skill:code_review"}, shelf);
  REQUIRE(all.skills.size() == 3);
  CHECK(all.skills[0]->name == "web_research");
  CHECK(all.notices.size() == 1);  // that pdf_generation is document_generation now
  CHECK_FALSE(all.skills[1]->parameters.empty());
}
