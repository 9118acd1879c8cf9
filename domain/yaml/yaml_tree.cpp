#include "domain/yaml/yaml_tree.hpp"

#include "domain/text/utf8.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace persona_runtime {
namespace {

/// Leaves yaml-cpp's parser from within; caught in parse_yaml only.
struct refusal {
  problem why;
};

[[noreturn]] void refuse(std::uint32_t line, const std::string& reason) {
  throw refusal{{line, "", "invalid YAML: " + reason}};
}

std::uint32_t line_of(const YAML::Mark& mark) {
  return mark.line < 0 ? 0 : static_cast<std::uint32_t>(mark.line) + 1;
}

constexpr std::string_view core = "tag:yaml.org,2002:";

std::optional<yaml_kind> kind_of_tag(std::string_view tag) {
  constexpr std::array<std::pair<std::string_view, yaml_kind>, 8> known{{
    {"str", yaml_kind::text},
    {"int", yaml_kind::integer},
    {"float", yaml_kind::real},
    {"bool", yaml_kind::boolean},
    {"null", yaml_kind::null},
    {"timestamp", yaml_kind::timestamp},
    {"seq", yaml_kind::sequence},
    {"map", yaml_kind::mapping},
  }};
  if (!tag.starts_with(core))
    return std::nullopt;
  for (auto [name, kind] : known) {
    if (tag.substr(core.size()) == name)
      return kind;
  }
  return std::nullopt;
}

[[noreturn]] void refuse_tag(std::uint32_t line, std::string_view tag) {
  refuse(line, "the tag " + in_quotes(tag) + " is not allowed; leave it out");
}

/// "?" is no tag, "!" is what quotes stand for.
yaml_kind scalar_kind(std::uint32_t line, const std::string& tag, const std::string& text) {
  if (tag == "!")
    return yaml_kind::text;
  auto found = kind_of_plain(text);
  if (tag == "?")
    return found;
  auto asked = kind_of_tag(tag);
  if (!asked || *asked == yaml_kind::sequence || *asked == yaml_kind::mapping)
    refuse_tag(line, tag);
  bool widened = *asked == yaml_kind::real && found == yaml_kind::integer;
  if (*asked != yaml_kind::text && *asked != found && !widened)
    refuse(line, "the value does not fit its tag " + in_quotes(tag));
  return *asked;
}

void check_collection_tag(std::uint32_t line, std::string_view tag, yaml_kind kind) {
  if (tag != "?" && tag != "!" && !tag.empty() && kind_of_tag(tag) != kind)
    refuse_tag(line, tag);
}

/// What an anchor names: complete, or still being read.
struct anchored {
  yaml_ptr node;  // null while it is being read
  std::size_t weight = 0;
  std::uint32_t height = 0;
};

struct open_collection {
  std::shared_ptr<yaml_node> node;
  YAML::anchor_t anchor = 0;
  bool flow = false;
  std::size_t weight_before = 0;
  std::uint32_t height = 1;         // of the deepest child so far, itself included
  std::optional<yaml_entry> key{};  // mapping: read, its value not yet
  bool key_is_merge = false;
  std::vector<yaml_entry> merges{};  // values of <<
};

class tree_builder : public YAML::EventHandler {
public:
  tree_builder(std::string_view text, const yaml_limits& limits) : limits_{limits} {
    for (std::size_t at = 0; at <= text.size();) {
      auto end = std::min(text.find('\n', at), text.size());
      lines_.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }

  yaml_document finish() && { return {std::move(root_), notices_.take()}; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add_scalar(mark, "?", anchor, "");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    add_scalar(mark, tag, anchor, value);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end() || !found->second.node)
      refuse(line_of(mark), "an alias stands inside what it names");
    const auto& target = found->second;
    weigh(target.weight, line_of(mark));
    check_depth(open_.size() + target.height, line_of(mark));
    attach(target.node, target.height, line_of(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    check_collection_tag(line_of(mark), tag, yaml_kind::sequence);
    begin(mark, yaml_kind::sequence, anchor, style == YAML::EmitterStyle::Flow);
  }
  void OnSequenceEnd() override { end(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    check_collection_tag(line_of(mark), tag, yaml_kind::mapping);
    begin(mark, yaml_kind::mapping, anchor, style == YAML::EmitterStyle::Flow);
  }
  void OnMapEnd() override {
    merge(open_.back());
    end();
  }

private:
  void weigh(std::size_t more, std::uint32_t line) {
    weight_ += more;
    if (weight_ > limits_.bytes_max) {
      refuse(line, "with its aliases written out the document is larger than "
                     + std::to_string(limits_.bytes_max / 1024) + " KiB");
    }
  }

  void check_depth(std::size_t depth, std::uint32_t line) const {
    if (depth > limits_.depth_max)
      refuse(line, "nested deeper than " + std::to_string(limits_.depth_max) + " levels");
  }

  /// yaml-cpp takes tabs for blanks; other readers refuse them, and what they mean is a guess.
  void check_indentation(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= lines_.size())
      return;
    if (!open_.empty() && open_.back().flow)
      return;
    auto indent = lines_[static_cast<std::size_t>(mark.line)];
    indent = indent.substr(0, indent.find_first_not_of(" \t"));
    if (indent.find('\t') != std::string_view::npos)
      refuse(line_of(mark), "a tab indents this line; use spaces");
  }

  /// yaml-cpp ends a quoted text in silence at the first line that is not indented further than
  /// its parent, closed or not.
  void check_quotes(const YAML::Mark& mark) const {
    if (mark.line < 0 || (!open_.empty() && open_.back().flow))
      return;
    auto line = static_cast<std::size_t>(mark.line);
    auto rest = line < lines_.size() ? lines_[line] : std::string_view{};
    rest.remove_prefix(std::min(static_cast<std::size_t>(mark.column), rest.size()));
    rest = behind_properties(rest);
    if (rest.empty() || (rest.front() != '"' && rest.front() != '\''))
      return;
    char quote = rest.front();
    rest.remove_prefix(1);
    while (!closes(rest, quote)) {
      if (++line >= lines_.size() || !continues(lines_[line]))
        refuse(line_of(mark), "the quote that opens here is not closed");
      rest = lines_[line];
    }
  }

  static std::string_view behind_properties(std::string_view text) {
    while (!text.empty() && (text.front() == '&' || text.front() == '!')) {
      text.remove_prefix(std::min(text.find(' '), text.size()));
      text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    }
    return text;
  }

  static bool closes(std::string_view text, char quote) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      bool escapes = quote == '"' ? text[i] == '\\' : text.substr(i).starts_with("''");
      if (escapes) {
        ++i;
      } else if (text[i] == quote) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool continues(std::string_view line) const {
    auto indent = line.find_first_not_of(" \t\r");
    return indent == std::string_view::npos || open_.empty() || indent > open_.back().node->column;
  }

  void add_scalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) {
    check_indentation(mark);
    auto node = std::make_shared<yaml_node>();
    node->kind = scalar_kind(line_of(mark), tag, value);
    node->plain = tag == "?";
    node->line = line_of(mark);
    node->column = mark.column < 0 ? 0 : static_cast<std::uint32_t>(mark.column);
    node->text = value;
    check_quotes(mark);
    auto weight = std::max(value.size(), std::size_t{1});
    weigh(weight, node->line);
    if (anchor != 0)
      anchors_[anchor] = {node, weight, 0};
    attach(std::move(node), 0, line_of(mark));
  }

  void begin(const YAML::Mark& mark, yaml_kind kind, YAML::anchor_t anchor, bool flow) {
    check_indentation(mark);
    auto node = std::make_shared<yaml_node>();
    node->kind = kind;
    node->line = line_of(mark);
    node->column = mark.column < 0 ? 0 : static_cast<std::uint32_t>(mark.column);
    check_depth(open_.size() + 1, node->line);
    if (anchor != 0)
      anchors_[anchor] = {};
    open_.push_back({std::move(node), anchor, flow, weight_});
    weigh(1, line_of(mark));
  }

  void end() {
    auto done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0)
      anchors_[done.anchor] = {done.node, weight_ - done.weight_before, done.height};
    auto line = done.node->line;
    attach(std::move(done.node), done.height, line);
  }

  void attach(yaml_ptr node, std::uint32_t height, std::uint32_t line) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = open_.back();
    parent.height = std::max(parent.height, height + 1);
    if (parent.node->kind == yaml_kind::sequence) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key) {
      take_key(parent, *node, line);
    } else {
      take_value(parent, std::move(node));
    }
  }

  static void take_key(open_collection& parent, const yaml_node& node, std::uint32_t line) {
    if (node.kind == yaml_kind::sequence || node.kind == yaml_kind::mapping)
      refuse(line, "a key must be plain text, not a list or a mapping");
    parent.key = yaml_entry{node.text, line, nullptr};
    parent.key_is_merge = node.plain && node.text == "<<";
  }

  void take_value(open_collection& parent, yaml_ptr node) {
    auto entry = std::move(*parent.key);
    parent.key.reset();
    entry.value = std::move(node);
    if (parent.key_is_merge) {
      parent.merges.push_back(std::move(entry));
      return;
    }
    auto& entries = parent.node->entries;
    auto [place, is_new] = keys_[parent.node.get()].try_emplace(entry.key, entries.size());
    if (is_new) {
      entries.push_back(std::move(entry));
      return;
    }
    auto& earlier = entries[place->second];
    notices_.add(entry.line, entry.key,
                 "this key stands in line " + std::to_string(earlier.line)
                   + " already; the last value counts");
    earlier = std::move(entry);
  }

  void merge(open_collection& done) {
    for (const auto& from : done.merges) {
      if (from.value->kind != yaml_kind::sequence) {
        merge_mapping(*done.node, *from.value, from.line);
        continue;
      }
      for (const auto& item : from.value->items)
        merge_mapping(*done.node, *item, from.line);
    }
    keys_.erase(done.node.get());
  }

  /// What stands in the mapping itself, or came from an earlier merge, goes before.
  void merge_mapping(yaml_node& into, const yaml_node& from, std::uint32_t line) {
    if (from.kind != yaml_kind::mapping)
      refuse(line, "<< takes a mapping or a list of mappings");
    auto& keys = keys_[&into];
    for (const auto& entry : from.entries) {
      if (keys.try_emplace(entry.key, into.entries.size()).second)
        into.entries.push_back(entry);
    }
  }

  yaml_limits limits_;
  std::vector<std::string_view> lines_;
  std::vector<open_collection> open_;
  std::unordered_map<YAML::anchor_t, anchored> anchors_;
  // Places of the keys of open mappings: a document of nothing but keys stays linear.
  std::unordered_map<const yaml_node*, std::unordered_map<std::string, std::size_t>> keys_;
  std::size_t weight_ = 0;
  yaml_ptr root_;
  problem_list notices_;
};

bool is_printable(char32_t c) {
  if (c < 0x20)
    return c == '\t' || c == '\n' || c == '\r';
  return c != 0x7F && (c < 0x80 || c > 0x9F || c == 0x85) && c != 0xFFFE && c != 0xFFFF;
}

/// yaml-cpp guesses encodings and passes control characters on; both end here.
std::optional<problem> check_characters(std::string_view text) {
  std::uint32_t line = 1;
  for (std::size_t at = 0; at < text.size();) {
    auto step = decode_at(text, at);
    if (!step.valid)
      return problem{line, "", "invalid YAML: this is not UTF-8; save the file as UTF-8"};
    if (!is_printable(step.code)) {
      return problem{line, "",
                     "invalid YAML: a control character (code "
                       + std::to_string(static_cast<std::uint32_t>(step.code))
                       + "); remove it, or write it as an escape in double quotes"};
    }
    if (step.code == '\n')
      ++line;
    at += step.bytes;
  }
  return std::nullopt;
}

constexpr std::size_t reason_bytes_max = 120;

problem from_library(const YAML::Exception& e) {
  std::string reason = e.msg == "bad file" ? "nested too deeply" : e.msg;
  return {line_of(e.mark), "", "invalid YAML: " + reason.substr(0, reason_bytes_max)};
}

}  // namespace

const yaml_entry* yaml_node::find(std::string_view key) const {
  auto found = std::find_if(entries.begin(), entries.end(),
                            [&](const yaml_entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

boost::system::result<yaml_document, problem> parse_yaml(std::string_view text,
                                                         const yaml_limits& limits) {
  if (text.size() > limits.bytes_max) {
    return problem{0, "",
                   "invalid YAML: larger than " + std::to_string(limits.bytes_max / 1024) + " KiB"};
  }
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);
  if (auto wrong = check_characters(text))
    return *wrong;
  try {
    std::istringstream in{std::string{text}};
    YAML::Parser parser{in};
    tree_builder builder{text, limits};
    if (!parser.HandleNextDocument(builder)) {
      builder.OnNull(YAML::Mark{}, 0);
    } else if (tree_builder rest{text, limits}; parser.HandleNextDocument(rest)) {
      return problem{0, "", "invalid YAML: more than one document; keep one per file"};
    }
    return std::move(builder).finish();
  } catch (const refusal& r) {
    return r.why;
  } catch (const YAML::Exception& e) {
    return from_library(e);
  }
}

}  // namespace persona_runtime
