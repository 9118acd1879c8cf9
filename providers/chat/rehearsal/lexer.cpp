#include "providers/chat/rehearsal/lexer.hpp"

#include "domain/text/ascii.hpp"
#include "domain/text/unicode.hpp"
#include "domain/text/utf8.hpp"
#include "providers/chat/rehearsal/dates.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace persona_runtime::rehearsal {
namespace {

std::string folded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const utf8_step step = decode_at(text, at);
    append_folded(out, step.code);
    at += step.bytes;
  }
  return out;
}

class lexer {
public:
  lexer(std::string_view text, bool norwegian) : text_{text}, norwegian_{norwegian} {}

  std::vector<token> run() {
    while (at_ < text_.size()) {
      if (!quoted() && !date() && !time() && !file() && !number() && !word())
        symbol();
    }
    return std::move(tokens_);
  }

private:
  void add(token_kind kind, std::string text, std::size_t end) {
    tokens_.push_back({kind, std::move(text), at_, end, false});
    at_ = end;
  }

  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  [[nodiscard]] bool behind_letter() const {
    if (at_ == 0)
      return false;
    const utf8_step step = decode_at(text_, border_at_or_before(text_, at_ - 1));
    return step.valid && is_word(step.code);
  }

  /// "…", “…”, «…», `…` and '…' that is no apostrophe.
  bool quoted() {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> marks{
      {{"\"", "\""},
       {"\u201c", "\u201d"},
       {"\u00ab", "\u00bb"},
       {"`", "`"},
       {"\u2018", "\u2019"},
       {"'", "'"}}};
    const std::string_view rest = text_.substr(at_);
    for (const auto& [open, close] : marks) {
      if (!rest.starts_with(open) || (open == "'" && behind_letter()))
        continue;
      const std::size_t begin = at_ + open.size();
      const std::size_t end = text_.find(close, begin);
      if (end == std::string_view::npos || end == begin)
        continue;
      std::string inside{text_.substr(begin, end - begin)};
      const bool is_path = path_end(begin) == end;
      add(is_path ? token_kind::file : token_kind::quoted, std::move(inside), end + close.size());
      return true;
    }
    return false;
  }

  /// 2027-05-17, 2027/05/17, 17.05.2027, 17/5/2027.
  bool date() {
    if (behind_letter() || !is_ascii_digit(peek(0)))
      return false;
    const auto found = numeric_date(text_.substr(at_));
    if (!found)
      return false;
    add(token_kind::date, found->iso, at_ + found->bytes);
    return true;
  }

  /// 09:30, 9:05 and 21:30:00; with am or pm behind it the hour of the day. Seconds are dropped.
  bool time() {
    const std::size_t hours = digits(at_);
    const std::size_t behind = at_ + hours + 3;
    if (behind_letter() || hours < 1 || hours > 2 || peek(hours) != ':' || digits(behind - 2) != 2)
      return false;
    const auto found = time_of_day(text_.substr(at_));
    if (!found)
      return false;
    add(token_kind::time, found->text, at_ + found->bytes);
    return true;
  }

  /// The end of a path with an extension that begins at `begin`; `begin` when there is none.
  [[nodiscard]] std::size_t path_end(std::size_t begin) const {
    std::size_t end = begin;
    while (end < text_.size()) {
      const utf8_step step = decode_at(text_, end);
      const bool part = step.valid
                        && (is_word(step.code) || step.code == U'.' || step.code == U'/'
                            || step.code == U'-' || step.code == U'~');
      if (!part)
        break;
      end += step.bytes;
    }
    while (end > begin && (text_[end - 1] == '.' || text_[end - 1] == '-' || text_[end - 1] == '/'))
      --end;
    const std::string_view path = text_.substr(begin, end - begin);
    const std::size_t dot = path.rfind('.');
    if (dot == std::string_view::npos || dot == 0)
      return begin;
    const std::string_view extension = path.substr(dot + 1);
    const bool letters = std::all_of(extension.begin(), extension.end(),
                                     [](char c) { return is_ascii_letter(c) || is_ascii_digit(c); })
                         && std::any_of(extension.begin(), extension.end(), is_ascii_letter);
    static const std::set<std::string, std::less<>> abbreviations{"e.g",   "i.e", "a.m", "p.m",
                                                                  "f.eks", "u.s", "o.l", "bl.a"};
    const bool usable = letters && extension.size() <= 8 && !is_ascii_digit(extension.front())
                        && !abbreviations.contains(folded(path));
    return usable ? end : begin;
  }

  bool file() {
    if (behind_letter())
      return false;
    const std::size_t end = path_end(at_);
    if (end == at_)
      return false;
    add(token_kind::file, std::string{text_.substr(at_, end - at_)}, end);
    return true;
  }

  /// How many digits stand at `from`.
  [[nodiscard]] std::size_t digits(std::size_t from) const {
    std::size_t n = 0;
    while (from + n < text_.size() && is_ascii_digit(text_[from + n]))
      ++n;
    return n;
  }

  /// Bytes of a thousands separator at `at`: a comma (English), a point (Norwegian), a space.
  [[nodiscard]] std::size_t separator(std::size_t at, std::size_t first_digits) const {
    if (at >= text_.size() || first_digits > 3)
      return 0;
    const std::string_view rest = text_.substr(at);
    std::size_t bytes = 0;
    if (rest.starts_with(norwegian_ ? '.' : ',') || rest.starts_with(' '))
      bytes = 1;
    else if (rest.starts_with("\u00a0"))
      bytes = 2;
    else if (rest.starts_with("\u202f") || rest.starts_with("\u2009"))
      bytes = 3;
    return bytes != 0 && digits(at + bytes) == 3 ? bytes : 0;
  }

  bool number() {
    if (!is_ascii_digit(peek(0)) && !(peek(0) == '.' && is_ascii_digit(peek(1))))
      return false;
    const std::size_t first = digits(at_);
    std::string value{text_.substr(at_, first)};
    std::size_t end = at_ + first;
    while (const std::size_t bytes = separator(end, first)) {
      value += text_.substr(end + bytes, 3);
      end += bytes + 3;
    }
    const bool decimal_mark =
      end < text_.size() && (text_[end] == '.' || (text_[end] == ',' && norwegian_));
    if (decimal_mark && digits(end + 1) > 0) {
      value += '.';
      value += text_.substr(end + 1, digits(end + 1));
      end += 1 + digits(end + 1);
    }
    // The calculator reads a leading zero as a slip.
    while (value.size() > 1 && value[0] == '0' && is_ascii_digit(value[1]))
      value.erase(0, 1);
    if (value.front() == '.')
      value.insert(0, "0");
    add(token_kind::number, std::move(value), end);
    return true;
  }

  bool word() {
    std::size_t end = at_;
    if (text_.substr(at_).starts_with("\u00b0"))
      end += 2;
    while (end < text_.size()) {
      const utf8_step step = decode_at(text_, end);
      const bool apostrophe = end > at_ && (step.code == U'\'' || step.code == U'\u2019');
      const bool hyphen =
        step.code == U'-' && end > at_ && end + 1 < text_.size() && is_ascii_letter(text_[end + 1]);
      const bool letter = step.valid && is_word(step.code)
                          && (class_of(step.code) != char_class::number || end > at_);
      if (!letter && !apostrophe && !hyphen)
        break;
      end += step.bytes;
    }
    if (end == at_)
      return false;
    std::string lower = folded(text_.substr(at_, end - at_));
    for (std::size_t mark = lower.find("\u2019"); mark != std::string::npos;
         mark = lower.find("\u2019"))
      lower.replace(mark, 3, "'");
    add(token_kind::word, std::move(lower), end);
    return true;
  }

  void symbol() {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> known{
      {{"**", "^"},
       {"\u00d7", "*"},
       {"\u00b7", "*"},
       {"\u00f7", "/"},
       {"\u2212", "-"},
       {"\u2013", "-"},
       {"\u221a", "sqrt"},
       {"\u00b2", "squared"},
       {"\u00b3", "cubed"}}};
    const std::string_view rest = text_.substr(at_);
    for (const auto& [written, meant] : known) {
      if (rest.starts_with(written)) {
        const bool named = meant.size() > 1;
        add(named ? token_kind::word : token_kind::symbol, std::string{meant},
            at_ + written.size());
        return;
      }
    }
    const char c = rest.front();
    if (std::string_view{"+-*/^()=%,.;:?!\n"}.find(c) != std::string_view::npos)
      add(token_kind::symbol, std::string(1, c), at_ + 1);
    else
      at_ += decode_at(text_, at_).bytes;
  }

  std::string_view text_;
  bool norwegian_;
  std::size_t at_ = 0;
  std::vector<token> tokens_;
};

}  // namespace

bool looks_norwegian(std::string_view task) {
  static const std::set<std::string, std::less<>> norwegian{
    "hva",    "hvilken", "hvilket", "hvor",    "og",      "av",    "er",     "skriv",
    "lagre",  "regn",    "finn",    "prosent", "mellom",  "dager", "ukedag", "den",
    "til",    "jeg",     "begge",   "svaret",  "svarene", "filen", "les",    "tell",
    "ganger", "pluss",   "hvis",    "klokken", "etter",   "legg"};
  static const std::set<std::string, std::less<>> english{
    "what", "which", "the", "and", "of",   "is",      "write", "save", "how",  "between",
    "days", "to",    "a",   "in",  "find", "percent", "it",    "file", "after"};
  int balance = 0;
  for (const token& t : lex(task, false)) {
    if (t.kind != token_kind::word)
      continue;
    balance += norwegian.contains(t.text) ? 1 : 0;
    balance -= english.contains(t.text) ? 1 : 0;
  }
  return balance > 0;
}

std::vector<token> lex(std::string_view task, bool norwegian) {
  auto tokens = lexer{task, norwegian}.run();
  join_named_dates(tokens);
  return tokens;
}

}  // namespace persona_runtime::rehearsal
