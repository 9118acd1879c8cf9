#include "domain/text/pattern_program.hpp"
#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

constexpr std::size_t pattern_characters_max = 4'096;
constexpr std::size_t group_depth_max = 32;
constexpr std::size_t instructions_max = 4'096;
constexpr std::uint32_t repeats_max = 100;
constexpr auto unbounded = ~std::uint32_t{0};

struct node;
using node_list = std::vector<node>;

enum class node_kind : std::uint8_t { op, sequence, choice, repeat };

/// A part of a pattern. `least` and `most` count in kind repeat.
struct node {
  node_kind kind = node_kind::sequence;
  pattern_instruction instruction{};
  node_list parts{};
  std::uint32_t least = 1;
  std::uint32_t most = 1;
};

node leaf(pattern_op op, std::uint32_t a = 0) {
  return {node_kind::op, {op, a, 0}, {}};
}

/// Reads the text of a pattern. The first thing that is wrong ends the reading.
class pattern_reader {
public:
  pattern_reader(const folded_text& text, std::vector<pattern_set>& sets)
    : text_{text}, sets_{sets} {}

  node read() {
    auto all = read_choice();
    if (problem_.empty() && !at_end())
      complain("a ) without its (");
    return all;
  }

  [[nodiscard]] const std::string& problem() const { return problem_; }

private:
  [[nodiscard]] bool at_end() const { return at_ >= text_.size() || !problem_.empty(); }
  [[nodiscard]] bool sees(char32_t code) const { return !at_end() && text_[at_] == code; }
  bool takes(char32_t code) {
    const auto found = sees(code);
    at_ += found ? 1 : 0;
    return found;
  }
  void complain(std::string_view what) {
    if (problem_.empty())
      problem_ = std::string{what} + ", at character " + std::to_string(at_ + 1);
  }

  node read_choice() {
    auto out = node{node_kind::choice, {}, {}};
    do
      out.parts.push_back(read_sequence());
    while (takes(U'|'));
    return out;
  }

  node read_sequence() {
    auto out = node{node_kind::sequence, {}, {}};
    while (!at_end() && !sees(U'|') && !sees(U')'))
      out.parts.push_back(read_repeat());
    return out;
  }

  node read_repeat() {
    auto part = read_part();
    auto out = node{node_kind::repeat, {}, {}};
    if (takes(U'?')) {
      out.least = 0;
    } else if (takes(U'*')) {
      out.least = 0;
      out.most = unbounded;
    } else if (takes(U'+')) {
      out.most = unbounded;
    } else if (takes(U'{')) {
      read_counts(out);
    } else {
      return part;
    }
    if (sees(U'?') || sees(U'*') || sees(U'+') || sees(U'{'))
      complain("two repetitions of one part");
    out.parts.push_back(std::move(part));
    return out;
  }

  void read_counts(node& out) {
    out.least = read_number();
    if (!takes(U','))
      complain("{m,n} wants a comma");
    out.most = read_number();
    if (!takes(U'}'))
      complain("{m,n} wants a }");
    if (out.least > out.most || out.most > repeats_max)
      complain("{m,n} wants m <= n <= 100");
  }

  std::uint32_t read_number() {
    auto number = std::uint32_t{0};
    auto count = 0;
    for (; count < 4 && !at_end() && text_[at_] >= U'0' && text_[at_] <= U'9'; ++count)
      number = number * 10 + static_cast<std::uint32_t>(text_[at_++] - U'0');
    if (count == 0)
      complain("a number is missing");
    return number;
  }

  node read_part() {
    if (takes(U'('))
      return read_group();
    if (takes(U'['))
      return read_set();
    if (takes(U'\\'))
      return read_escape();
    if (takes(U'.'))
      return leaf(pattern_op::any);
    if (takes(U'^'))
      return leaf(pattern_op::begin);
    if (takes(U'$'))
      return leaf(pattern_op::end);
    if (sees(U'?') || sees(U'*') || sees(U'+') || sees(U'{'))
      complain("nothing stands before a repetition");
    return leaf(pattern_op::one, static_cast<std::uint32_t>(text_[at_++]));
  }

  node read_group() {
    if (++depth_ > group_depth_max)
      complain("more than 32 groups within each other");
    auto out = at_end() ? node{} : read_choice();
    if (!takes(U')'))
      complain("a ( without its )");
    --depth_;
    return out;
  }

  node read_escape() {
    if (takes(U'b'))
      return leaf(pattern_op::edge);
    auto set = pattern_set{};
    if (read_class(set))
      return of_set(std::move(set));
    return leaf(pattern_op::one, static_cast<std::uint32_t>(read_escaped()));
  }

  bool read_class(pattern_set& set) {
    auto& flag = sees(U's') ? set.spaces : sees(U'w') ? set.words : set.digits;
    if (!sees(U's') && !sees(U'w') && !sees(U'd'))
      return false;
    ++at_;
    flag = true;
    return true;
  }

  char32_t read_escaped() {
    if (at_end() || class_of(text_[at_]) == char_class::letter
        || class_of(text_[at_]) == char_class::number) {
      complain("a \\ wants s, w, d, b or a mark behind it");
      return 0;
    }
    return text_[at_++];
  }

  node of_set(pattern_set set) {
    sets_.push_back(std::move(set));
    return leaf(pattern_op::set, static_cast<std::uint32_t>(sets_.size() - 1));
  }

  node read_set() {
    auto set = pattern_set{};
    set.negated = takes(U'^');
    while (!at_end() && !sees(U']'))
      read_member(set);
    if (!takes(U']'))
      complain("a [ without its ]");
    else if (set.ranges.empty() && !set.spaces && !set.words && !set.digits)
      complain("an empty []");
    return of_set(std::move(set));
  }

  void read_member(pattern_set& set) {
    if (takes(U'\\')) {
      if (!read_class(set)) {
        const auto code = read_escaped();
        set.ranges.emplace_back(code, code);
      }
      return;
    }
    const auto first = text_[at_++];
    auto last = first;
    if (sees(U'-') && at_ + 1 < text_.size() && text_[at_ + 1] != U']') {
      last = text_[at_ + 1];
      at_ += 2;
    }
    if (last < first)
      complain("a range ends before it begins");
    set.ranges.emplace_back(first, last);
  }

  const folded_text& text_;
  std::vector<pattern_set>& sets_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string problem_;
};

/// Writes instructions. Stops, too long, rather than run out of room.
class pattern_writer {
public:
  explicit pattern_writer(std::vector<pattern_instruction>& code) : code_{code} {}

  void write(const node& n) {
    if (is_full())
      return;
    switch (n.kind) {
    case node_kind::op:
      code_.push_back(n.instruction);
      break;
    case node_kind::sequence:
      for (const auto& part : n.parts)
        write(part);
      break;
    case node_kind::choice:
      write_choice(n.parts);
      break;
    case node_kind::repeat:
      write_repeat(n);
      break;
    }
  }

  [[nodiscard]] bool is_full() const { return code_.size() > instructions_max; }

private:
  [[nodiscard]] std::uint32_t here() const { return static_cast<std::uint32_t>(code_.size()); }
  std::uint32_t put(pattern_op op) {
    code_.push_back({op, here() + 1, 0});
    return here() - 1;
  }

  void write_choice(const node_list& parts) {
    auto jumps = std::vector<std::uint32_t>{};
    for (auto i = std::size_t{0}; i + 1 < parts.size(); ++i) {
      const auto split = put(pattern_op::split);
      write(parts[i]);
      jumps.push_back(put(pattern_op::jump));
      code_[split].b = here();
    }
    write(parts.back());
    for (const auto jump : jumps)
      code_[jump].a = here();
  }

  void write_repeat(const node& n) {
    for (auto i = std::uint32_t{0}; i < n.least && !is_full(); ++i)
      write(n.parts.front());
    if (n.most == unbounded) {
      const auto split = put(pattern_op::split);
      write(n.parts.front());
      code_[put(pattern_op::jump)].a = split;
      code_[split].b = here();
      return;
    }
    auto splits = std::vector<std::uint32_t>{};
    for (auto i = n.least; i < n.most && !is_full(); ++i) {
      splits.push_back(put(pattern_op::split));
      write(n.parts.front());
    }
    for (const auto split : splits)
      code_[split].b = here();
  }

  std::vector<pattern_instruction>& code_;
};

/// Calls each(pc) for the instructions that take a character, or are the match, to which `from`
/// leads without taking one, in the order in which they are tried; on_condition() for every edge
/// and end of the text on the way, which are taken to hold.
template <class Each, class OnCondition>
void for_next(const pattern::program& p, std::uint32_t from, Each&& each,
              OnCondition&& on_condition) {
  auto seen = std::vector<bool>(p.code.size());
  auto todo = std::vector<std::uint32_t>{from};
  while (!todo.empty()) {
    const auto pc = todo.back();
    todo.pop_back();
    if (seen[pc])
      continue;
    seen[pc] = true;
    const auto& at = p.code[pc];
    switch (at.op) {
    case pattern_op::split:
      todo.push_back(at.b);
      [[fallthrough]];
    case pattern_op::jump:
      todo.push_back(at.a);
      break;
    case pattern_op::edge:
    case pattern_op::begin:
    case pattern_op::end:
      on_condition();
      todo.push_back(pc + 1);
      break;
    default:
      each(pc);
      break;
    }
  }
}

template <class Each>
void for_next(const pattern::program& p, std::uint32_t from, Each&& each) {
  for_next(p, from, each, [] {});
}

/// The ASCII characters that an instruction takes; a match takes whatever comes.
ascii_set taken_by(const pattern::program& p, const pattern_instruction& at) {
  auto out = ascii_set{};
  switch (at.op) {
  case pattern_op::one:
    if (at.a < out.size())
      out.set(at.a);
    break;
  case pattern_op::set:
    for (auto code = char32_t{0}; code < out.size(); ++code)
      out.set(code, p.sets[at.a].holds(code));
    break;
  case pattern_op::any:
    out.set().reset(U'\n');
    break;
  default:
    out.set();
    break;
  }
  return out;
}

/// What may stand behind the character that the instruction at `pc` takes.
ascii_set seconds_behind(const pattern::program& p, std::uint32_t pc) {
  auto out = ascii_set{};
  for_next(p, pc + 1, [&](std::uint32_t next) { out |= taken_by(p, p.code[next]); });
  return out;
}

void note_first(pattern::program& p, std::uint32_t pc) {
  const auto& at = p.code[pc];
  const auto firsts = taken_by(p, at);
  const auto seconds = seconds_behind(p, pc);
  for (auto code = std::size_t{0}; code < firsts.size(); ++code) {
    if (firsts[code])
      p.second_ascii[code] |= seconds;
  }
  p.first_ascii |= firsts;
  p.first_other = p.first_other || at.op != pattern_op::one || at.a >= firsts.size();
}

/// Whether anything but characters decides where `from` leads to.
bool has_conditions(const pattern::program& p, std::uint32_t from) {
  auto found = false;
  for_next(
    p, from, [](std::uint32_t) {}, [&found] { found = true; });
  return found;
}

/// Fills in what a match may begin with.
void find_firsts(pattern::program& p) {
  auto firsts = std::vector<std::uint32_t>{};
  for_next(p, 0, [&firsts](std::uint32_t pc) { firsts.push_back(pc); });
  for (const auto pc : firsts) {
    if (p.code[pc].op == pattern_op::match)
      p.may_be_empty = true;
    else
      note_first(p, pc);
  }
  p.begins_at_edge = p.code.front().op == pattern_op::edge;
  if (!p.may_be_empty && !has_conditions(p, p.begins_at_edge ? 1 : 0))
    p.starts = std::move(firsts);
}

/// Folding would turn \W into \w, which is its opposite elsewhere.
bool has_capital_escape(std::string_view text) {
  for (auto i = text.find('\\'); i != std::string_view::npos && i + 1 < text.size();
       i = text.find('\\', i + 2)) {
    if (text[i + 1] >= 'A' && text[i + 1] <= 'Z')
      return true;
  }
  return false;
}

failure unusable_pattern(const std::string& what) {
  return {errc::validation_error, "no such pattern: " + what};
}

}  // namespace

bool pattern_set::holds(char32_t code) const {
  auto found = std::any_of(ranges.begin(), ranges.end(), [code](const auto& range) {
    return range.first <= code && code <= range.second;
  });
  found = found || (spaces && is_blank(code)) || (words && is_word(code))
          || (digits && class_of(code) == char_class::number && code < 0x80);
  return found != negated;
}

result<pattern::program> compile_pattern(std::string_view text) {
  if (text.empty())
    return unusable_pattern("it is empty");
  if (character_count(text) > pattern_characters_max)
    return unusable_pattern("it has more than 4096 characters");
  if (has_capital_escape(text))
    return unusable_pattern("a \\ before a capital letter means nothing here");
  auto out = pattern::program{};
  const auto folded = folded_text{text};
  auto reader = pattern_reader{folded, out.sets};
  const auto all = reader.read();
  if (!reader.problem().empty())
    return unusable_pattern(reader.problem());
  auto writer = pattern_writer{out.code};
  writer.write(all);
  if (writer.is_full())
    return unusable_pattern("it takes more than 4096 instructions");
  out.code.push_back({pattern_op::match, 0, 0});
  find_firsts(out);
  return out;
}

}  // namespace persona_runtime
