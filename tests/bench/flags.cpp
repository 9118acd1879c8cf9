#include "tests/bench/flags.hpp"

#include <charconv>
#include <cstdio>
#include <utility>

namespace persona_runtime::bench {

void flags::number(std::string name, std::string help, std::function<void(double)> set) {
  known_[std::move(name)] = {std::move(help), true, [set](const std::string& text) {
                               auto value = 0.0;
                               const auto* end = text.data() + text.size();
                               const auto read = std::from_chars(text.data(), end, value);
                               if (read.ec != std::errc{} || read.ptr != end || value < 0)
                                 return false;
                               set(value);
                               return true;
                             }};
}

void flags::text(std::string name, std::string help, std::function<void(std::string)> set) {
  known_[std::move(name)] = {std::move(help), true, [set](const std::string& text) {
                               set(text);
                               return true;
                             }};
}

void flags::mark(std::string name, std::string help, std::function<void()> set) {
  known_[std::move(name)] = {std::move(help), false, [set](const std::string&) {
                               set();
                               return true;
                             }};
}

bool flags::read(int argc, char** argv) const {
  for (auto i = 1; i < argc; ++i) {
    const auto name = std::string{argv[i]};
    const auto found = known_.find(name);
    if (found == known_.end())
      return explain("unknown flag " + name);
    if (found->second.has_value && ++i == argc)
      return explain(name + " needs a value");
    if (!found->second.set(argv[i]))
      return explain(name + " cannot be " + argv[i]);
  }
  return true;
}

bool flags::explain(std::string_view problem) const {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(problem.size()), problem.data());
  for (const auto& [name, known] : known_)
    std::fprintf(stderr, "  %-20s %s\n", name.c_str(), known.help.c_str());
  return false;
}

}  // namespace persona_runtime::bench
