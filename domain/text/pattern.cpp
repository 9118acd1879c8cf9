#include "domain/text/pattern.hpp"

#include "domain/text/pattern_program.hpp"
#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

/// Folded where that gives one character, else as it is.
char32_t folded(char32_t code) {
  if (code < 0x80)
    return code >= U'A' && code <= U'Z' ? code + (U'a' - U'A') : code;
  auto text = std::string{};
  append_folded(text, code);
  const auto step = decode_at(text, 0);
  return step.valid && step.bytes == text.size() ? step.code : code;
}

bool is_edge(const folded_text& text, std::size_t at) {
  const auto before = at > 0 && is_word(text[at - 1]);
  const auto behind = at < text.size() && is_word(text[at]);
  return before != behind;
}

struct pattern_thread {
  std::uint32_t pc = 0;
  std::size_t first = 0;  // where its match began
};

/// What runs of one thread use one after the other: room that is not asked for each time.
struct pattern_room {
  std::vector<std::uint64_t> seen;  // by instruction: the last step that has it, of all runs
  std::uint64_t step = 0;
  std::vector<pattern_thread> now;
  std::vector<pattern_thread> next;
  std::vector<pattern_thread> taken;
  std::vector<std::uint32_t> todo;

  void clear() {
    now.clear();
    next.clear();
    taken.clear();
  }
};

pattern_room& cleared_room() {
  thread_local auto room = pattern_room{};
  room.clear();
  return room;
}

/// Runs a program over a text: every thread is a place in it that the text so far has led to, in
/// the order in which the pattern tries them. A place is held once per character, so a character
/// costs at most one visit of every instruction.
class pattern_run {
public:
  pattern_run(const pattern::program& p, const folded_text& text, std::size_t to)
    : program_{p}, text_{text}, to_{to} {
    if (seen_.size() < p.code.size())
      seen_.resize(p.code.size());
  }

  std::optional<text_span> find(std::size_t from, bool anchored) {
    auto found = std::optional<text_span>{};
    for (auto at = from;; ++at) {
      if (!found && now_.empty() && !anchored)
        at = next_candidate(at);
      begin_step();
      keep(at);
      if (!found && (anchored ? at == from : may_begin(at)))
        begin(at, anchored);
      std::swap(now_, next_);
      next_.clear();
      if (now_.empty() && (found || anchored || at >= to_))
        return found;
      advance(at, found);
      if (at >= to_)
        return found;
    }
  }

private:
  void begin_step() { ++step_; }

  /// The threads that took the character before `at` go on from there.
  void keep(std::size_t at) {
    for (const auto& t : taken_)
      add(t, at);
    taken_.clear();
  }

  [[nodiscard]] std::size_t next_candidate(std::size_t at) const {
    if (!taken_.empty())
      return at;
    while (at < to_ && !may_begin(at))
      ++at;
    return at;
  }

  [[nodiscard]] bool may_begin(std::size_t at) const {
    if (program_.may_be_empty || at >= to_)
      return program_.may_be_empty;
    const auto code = text_[at];
    if (code >= program_.first_ascii.size())
      return program_.first_other && fits_edge(at);
    return program_.first_ascii[code] && may_follow(code, at + 1) && fits_edge(at);
  }

  /// What stands at `at` behind `first`; the end always may.
  [[nodiscard]] bool may_follow(char32_t first, std::size_t at) const {
    const auto& seconds = program_.second_ascii[first];
    return at >= to_ || text_[at] >= seconds.size() || seconds[text_[at]];
  }

  [[nodiscard]] bool fits_edge(std::size_t at) const {
    return !program_.begins_at_edge || is_edge(text_, at);
  }

  /// A match may begin at `at`; unless anchored, may_begin has said so.
  void begin(std::size_t at, bool anchored) {
    if (anchored || program_.starts.empty())
      return add({0, at}, at);
    for (const auto pc : program_.starts) {
      if (takes(program_.code[pc], text_[at]) && seen_[pc] != step_)
        next_.push_back({pc, at});
    }
  }

  /// Adds a thread and whatever it leads to without taking a character.
  void add(pattern_thread start, std::size_t at) {
    todo_.assign(1, start.pc);
    while (!todo_.empty()) {
      const auto pc = todo_.back();
      todo_.pop_back();
      if (seen_[pc] == step_)
        continue;
      seen_[pc] = step_;
      const auto& i = program_.code[pc];
      switch (i.op) {
      case pattern_op::split:
        todo_.push_back(i.b);
        [[fallthrough]];
      case pattern_op::jump:
        todo_.push_back(i.a);
        break;
      case pattern_op::edge:
        go_on_if(is_edge(text_, at), pc);
        break;
      case pattern_op::begin:
        go_on_if(at == 0, pc);
        break;
      case pattern_op::end:
        go_on_if(at == text_.size(), pc);
        break;
      default:
        next_.push_back({pc, start.first});
        break;
      }
    }
  }

  void go_on_if(bool holds, std::uint32_t pc) {
    if (holds)
      todo_.push_back(pc + 1);
  }

  [[nodiscard]] bool takes(const pattern_instruction& i, char32_t code) const {
    switch (i.op) {
    case pattern_op::one:
      return code == static_cast<char32_t>(i.a);
    case pattern_op::any:
      return code != U'\n';
    default:
      return program_.sets[i.a].holds(code);
    }
  }

  /// Lets every thread take the character at `at`. A match makes what comes behind it void.
  void advance(std::size_t at, std::optional<text_span>& found) {
    for (const auto& t : now_) {
      const auto& i = program_.code[t.pc];
      if (i.op == pattern_op::match) {
        found = text_span{t.first, at};
        break;
      }
      if (at < to_ && takes(i, text_[at]))
        taken_.push_back({t.pc + 1, t.first});
    }
    now_.clear();
  }

  const pattern::program& program_;
  const folded_text& text_;
  std::size_t to_;
  pattern_room& room_ = cleared_room();
  std::vector<std::uint64_t>& seen_ = room_.seen;
  std::uint64_t& step_ = room_.step;
  std::vector<pattern_thread>& now_ = room_.now;
  std::vector<pattern_thread>& next_ = room_.next;
  std::vector<pattern_thread>& taken_ = room_.taken;
  std::vector<std::uint32_t>& todo_ = room_.todo;
};

}  // namespace

folded_text::folded_text(std::string_view text) : text_{text} {
  codes_.reserve(text.size());
  begins_.reserve(text.size() + 1);
  for (auto at = std::size_t{0}; at < text.size();) {
    const auto step = decode_at(text, at);
    codes_.push_back(folded(step.code));
    begins_.push_back(static_cast<std::uint32_t>(at));
    at += step.bytes;
  }
  begins_.push_back(static_cast<std::uint32_t>(text.size()));
}

std::string_view folded_text::original(std::size_t first, std::size_t last) const {
  return text_.substr(begins_[first], begins_[last] - begins_[first]);
}

std::size_t folded_text::line_end(std::size_t at) const {
  while (at < codes_.size() && codes_[at] != U'\n')
    ++at;
  return at;
}

result<pattern> pattern::compile(std::string_view text) {
  auto compiled = compile_pattern(text);
  if (!compiled)
    return compiled.error();
  auto out = pattern{};
  out.program_ = std::make_shared<const program>(std::move(*compiled));
  return out;
}

std::optional<text_span> pattern::find(const folded_text& text, std::size_t from,
                                       std::size_t to) const {
  to = std::min(to, text.size());
  if (!program_ || from > to)
    return std::nullopt;
  return pattern_run{*program_, text, to}.find(from, false);
}

std::optional<text_span> pattern::match_at(const folded_text& text, std::size_t at) const {
  if (!program_ || at > text.size())
    return std::nullopt;
  return pattern_run{*program_, text, text.size()}.find(at, true);
}

}  // namespace persona_runtime
