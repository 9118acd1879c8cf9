// What messages are judged by, and what a turn leaves behind. The first byte says which: a pattern
// (first line) and a text, a file of tables, a message, a turn log.

#include "domain/conversation/conversation.hpp"
#include "domain/conversation/message_tables.hpp"
#include "domain/conversation/turn_log.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace persona_runtime;

namespace {

void find(std::string_view input) {
  const auto line = input.find('\n');
  const auto wanted = pattern::compile(input.substr(0, line));
  if (!wanted || line == std::string_view::npos)
    return;
  const auto text = folded_text{input.substr(line + 1)};
  const auto span = wanted->find(text);
  if (!span)
    return;
  fuzz::require(span->first <= span->last && span->last <= text.size(), "a match lies outside\n");
  const auto again = wanted->match_at(text, span->first);
  fuzz::require(again && again->last == span->last, "a match is another one where it begins\n");
}

void read_message(std::string_view json) {
  const auto read = message_of(json);
  if (!read)
    return;
  auto written = std::string{};
  append_message(written, *read);
  const auto again = message_of(written);
  fuzz::require(again.has_value(), "a message's JSON is no message\n");
  fuzz::require(again->content == read->content, "a message changes when written and read\n");
}

void read_log(std::string_view json) {
  const auto read = turn_log_of(json);
  if (!read)
    return;
  auto written = std::string{};
  append_turn_log(written, *read);
  fuzz::require(turn_log_of(written).has_value(), "a turn log's JSON is no turn log\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const auto rest = std::string_view{reinterpret_cast<const char*>(data), size}.substr(1);
  switch (data[0] & 3) {
  case 0:
    find(rest);
    break;
  case 1:
    read_message(rest);
    break;
  case 2:
    read_log(rest);
    break;
  default: {
    const auto tables = parse_message_tables(rest);
    fuzz::require(tables || !tables.error().empty(), "a refusal names no problem\n");
  }
  }
  return 0;
}
