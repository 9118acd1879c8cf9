#pragma once
// A YAML document as a tree that knows its lines. Reading it is bounded and never makes objects:
// an alias shares the node it names, and counts as often as it is used.

#include "domain/yaml/problem.hpp"
#include "domain/yaml/yaml_scalar.hpp"

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime {

struct yaml_node;
using yaml_ptr = std::shared_ptr<const yaml_node>;

struct yaml_entry {
  std::string key;  // as written, without its quotes
  std::uint32_t line = 0;
  yaml_ptr value;
};

struct yaml_node {
  yaml_kind kind = yaml_kind::null;
  bool plain = false;               // a scalar without quotes
  std::uint32_t line = 0;           // where it begins, from 1
  std::uint32_t column = 0;         // likewise, in bytes from 0
  std::string text;                 // scalars: the value, escapes resolved
  std::vector<yaml_ptr> items;      // sequence
  std::vector<yaml_entry> entries;  // mapping; in order of first appearance, no key twice

  /// The value of a key of a mapping; null: not there.
  [[nodiscard]] const yaml_entry* find(std::string_view key) const;
};

struct yaml_limits {
  std::size_t bytes_max =
    std::size_t{256} * 1024;     // of the text, and of all values with aliases written out
  std::uint32_t depth_max = 32;  // of sequences and mappings, aliases written out
};

struct yaml_document {
  yaml_ptr root;                 // kind null when the text holds nothing
  std::vector<problem> notices;  // legal but surprising: a key given twice
};

/// Reads one document. `text` must be UTF-8. Merge keys (<<) are carried out; of a key that is
/// given twice the last value counts. The failure says what makes the text no such document and
/// begins with "invalid YAML".
[[nodiscard]] boost::system::result<yaml_document, problem>
parse_yaml(std::string_view text, const yaml_limits& limits = {});

}  // namespace persona_runtime
