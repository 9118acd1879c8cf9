#pragma once
// Reads the fields of a mapping into values. Whatever is wrong becomes a problem with its line
// and path, and the default is answered, so that one reading finds every problem.

#include "domain/yaml/problem.hpp"
#include "domain/yaml/yaml_tree.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace persona_runtime {

struct number_range {
  double least = 0;
  double most = 0;     // may be infinite: then any finite number
  bool whole = false;  // 384.0 is whole
};

/// "must be text, but 7 is a number; write it in quotes: "7"" and the like.
[[nodiscard]] std::string not_text(const yaml_node& node);

/// One mapping. A key that was asked for is known; `refuse_others` reports the remaining ones.
/// Keeps references to the mapping and the list.
class field_reader {
public:
  /// `node` must be of kind mapping; `path` names it and is empty for the document.
  field_reader(const yaml_node& node, std::string path, problem_list& problems)
    : node_{node}, path_{std::move(path)}, problems_{problems} {}

  /// The value as it stands; null: the key is absent.
  [[nodiscard]] const yaml_node* find(std::string_view key);

  /// Any text, also an empty one.
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise);
  /// At least one character; absent is a problem.
  [[nodiscard]] std::string required_text(std::string_view key);
  /// Null and absent are the same.
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view key);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);

  /// Booleans, 0 and 1, and the usual words in quotes.
  [[nodiscard]] bool flag(std::string_view key, bool otherwise);
  /// Numbers, numbers in quotes, and booleans (as 0 and 1).
  [[nodiscard]] double number(std::string_view key, double otherwise, const number_range& range);
  /// Likewise; null and absent are the same.
  [[nodiscard]] std::optional<double> optional_number(std::string_view key,
                                                      const number_range& range);

  template <class E>
  [[nodiscard]] E one_of(std::string_view key, E otherwise,
                         std::span<const std::pair<std::string_view, E>> choices);

  /// Calls `read` with the block's fields when it is there, and reports the keys it left unread.
  void block(std::string_view key, const std::function<void(field_reader&)>& read);
  /// Likewise for every mapping of a list.
  void each(std::string_view key, const std::function<void(field_reader&)>& read);

  void refuse_others();

  /// A problem with a field of this mapping, at the line of its value.
  void report(std::string_view key, std::string text);

  [[nodiscard]] std::uint32_t line() const { return node_.line; }

private:
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> name_in(std::string_view key, const yaml_node& value,
                                                   std::span<const std::string_view> names);
  [[nodiscard]] std::optional<double> number_in(std::string_view key, const yaml_node& value,
                                                const number_range& range);

  const yaml_node& node_;
  std::string path_;
  problem_list& problems_;
  std::vector<std::string_view> known_;
};

template <class E>
E field_reader::one_of(std::string_view key, E otherwise,
                       std::span<const std::pair<std::string_view, E>> choices) {
  const auto* value = find(key);
  if (value == nullptr)
    return otherwise;
  std::vector<std::string_view> names;
  for (const auto& choice : choices)
    names.push_back(choice.first);
  auto name = name_in(key, *value, names);
  for (const auto& choice : choices) {
    if (name == choice.first)
      return choice.second;
  }
  return otherwise;
}

}  // namespace persona_runtime
