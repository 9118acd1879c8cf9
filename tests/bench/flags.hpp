#pragma once
// Flags of the programs that measure: `--name value` and `--name`.

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace persona_runtime::bench {

class flags {
public:
  void number(std::string name, std::string help, std::function<void(double)> set);
  void text(std::string name, std::string help, std::function<void(std::string)> set);
  void mark(std::string name, std::string help, std::function<void()> set);

  /// False when something was not understood, or help was asked for; it has been said on stderr.
  bool read(int argc, char** argv) const;

private:
  struct flag {
    std::string help;
    bool has_value;
    std::function<bool(const std::string&)> set;  // false: not a value
  };
  [[nodiscard]] bool explain(std::string_view problem) const;
  std::map<std::string, flag> known_;
};

}  // namespace persona_runtime::bench
