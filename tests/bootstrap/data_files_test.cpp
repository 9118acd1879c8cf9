#include "bootstrap/data_files.hpp"
#include "tests/support/catch.hpp"

#include <fstream>

using namespace persona_runtime;

TEST_CASE("data files: PERSONA_SHARE wins and must hold them", "[bootstrap]") {
  const std::string config = PERSONA_SOURCE_DIR "/config";
  const auto found = find_data_folder(config, "/nowhere/bin/persona");
  REQUIRE(found.has_value());
  CHECK(found->source == "PERSONA_SHARE");
  const auto wrong = find_data_folder("/nowhere", "/nowhere/bin/persona");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().detail.find("PERSONA_SHARE=/nowhere") == 0);
}

TEST_CASE("data files: the source tree is the last resort", "[bootstrap]") {
  const auto found = find_data_folder("", "/nowhere/bin/persona");
  REQUIRE(found.has_value());
  CHECK(found->source == "source tree");
  CHECK(load_tokenizer(found->path).has_value());
}

TEST_CASE("data files: a missing, large or broken file is named", "[bootstrap]") {
  const auto missing = load_tokenizer("/nowhere");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().detail.find("/nowhere/tokenizer/cl100k_base.ranks.gz")
        != std::string::npos);
  const auto file =
    std::filesystem::path{PERSONA_SOURCE_DIR "/config/tokenizer/cl100k_base.ranks.gz"};
  const auto whole = read_file(file, 1u << 20);
  REQUIRE(whole.has_value());
  CHECK_FALSE(read_file(file, whole->size() - 1).has_value());
  CHECK(read_file(file, whole->size()).has_value());
  const auto bytes = inflated(*whole, 1u << 20);
  REQUIRE(bytes.has_value());
  CHECK(inflated(*whole, bytes->size()).has_value());
  CHECK_FALSE(inflated(*whole, bytes->size() - 1).has_value());
  CHECK_FALSE(
    inflated(std::string_view{*whole}.substr(0, whole->size() / 2), 1u << 20).has_value());
  CHECK_FALSE(inflated("no gzip", 1u << 20).has_value());
  CHECK_FALSE(inflated("", 1u << 20).has_value());
}
