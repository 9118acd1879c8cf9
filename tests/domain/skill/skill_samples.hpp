#pragma once
// Skills of the tests, and how the tests count tokens.

#include "domain/skill/skill_fit.hpp"
#include "tests/support/shared_tokenizer.hpp"

namespace persona_runtime::test {

inline const text_counter& counted() {
  static const text_counter count = [](std::string_view text) {
    return shared_tokenizer().count(text);
  };
  return count;
}

inline skill a_skill(std::string name, std::string content) {
  auto out = skill{};
  out.name = std::move(name);
  out.description = "About " + out.name + ".";
  out.content = shared_text{std::move(content)};
  measure(out, counted());
  out.content_hash = "hash of " + out.name;
  return out;
}

/// A body of that many tokens.
inline std::string body_of(std::size_t tokens) {
  auto out = std::string{};
  for (auto i = std::size_t{0}; i < tokens; ++i)
    out += " line";
  return out;
}

inline skill_list list_of(std::vector<skill> skills) {
  auto out = skill_list{};
  for (auto& s : skills)
    out.push_back(std::make_shared<const skill>(std::move(s)));
  return out;
}

}  // namespace persona_runtime::test
