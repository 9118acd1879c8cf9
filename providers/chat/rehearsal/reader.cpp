#include "providers/chat/rehearsal/reader.hpp"

#include <algorithm>

namespace persona_runtime::rehearsal {
namespace {

bool ends_sentence(const token& t) {
  return t.kind == token_kind::symbol
         && (t.text == "." || t.text == "?" || t.text == "!" || t.text == ";" || t.text == "\n");
}

}  // namespace

reader::reader(std::string_view task, std::vector<token> tokens)
  : task_{task}, tokens_{std::move(tokens)}, sentence_begin_(tokens_.size()),
    sentence_end_(tokens_.size()) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const bool last = ends_sentence(tokens_[i]) || i + 1 == tokens_.size();
    if (!last)
      continue;
    for (std::size_t k = begin; k <= i; ++k) {
      sentence_begin_[k] = begin;
      sentence_end_[k] = i + 1;
    }
    begin = i + 1;
  }
}

bool reader::is(std::size_t i, token_kind kind) const {
  return i < tokens_.size() && !tokens_[i].used && tokens_[i].kind == kind;
}

bool reader::is_symbol(std::size_t i, std::string_view text) const {
  return is(i, token_kind::symbol) && tokens_[i].text == text;
}

bool reader::is_word(std::size_t i, std::span<const std::string_view> any) const {
  return is(i, token_kind::word) && std::find(any.begin(), any.end(), tokens_[i].text) != any.end();
}

bool reader::reads(std::size_t i, std::string_view phrase) const {
  while (true) {
    const std::size_t blank = phrase.find(' ');
    if (i >= tokens_.size() || tokens_[i].kind != token_kind::word
        || tokens_[i].text != phrase.substr(0, blank))
      return false;
    if (blank == std::string_view::npos)
      return true;
    phrase.remove_prefix(blank + 1);
    ++i;
  }
}

std::size_t reader::phrase(std::size_t i, std::span<const std::string_view> any) const {
  std::size_t longest = 0;
  for (const std::string_view candidate : any) {
    const auto count =
      static_cast<std::size_t>(std::count(candidate.begin(), candidate.end(), ' ')) + 1;
    if (count <= longest || !reads(i, candidate))
      continue;
    bool free = true;
    for (std::size_t k = i; k < i + count; ++k)
      free = free && !tokens_[k].used;
    if (free)
      longest = count;
  }
  return longest;
}

std::pair<std::size_t, std::size_t> reader::sentence(std::size_t i) const {
  if (i >= tokens_.size())
    return {tokens_.size(), tokens_.size()};
  return {sentence_begin_[i], sentence_end_[i]};
}

bool reader::holds(std::size_t begin, std::size_t end,
                   std::span<const std::string_view> any) const {
  for (std::size_t i = begin; i < end; ++i) {
    for (const std::string_view candidate : any) {
      if (reads(i, candidate))
        return true;
    }
  }
  return false;
}

void reader::use(std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end && i < tokens_.size(); ++i)
    tokens_[i].used = true;
}

std::string reader::text(std::size_t begin, std::size_t end) const {
  if (begin >= end || end > tokens_.size())
    return {};
  return std::string{
    task_.substr(tokens_[begin].begin, tokens_[end - 1].end - tokens_[begin].begin)};
}

}  // namespace persona_runtime::rehearsal
