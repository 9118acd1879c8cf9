#include "tests/bench/played_model.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace persona_runtime::bench {
namespace {

std::string in_quotes(std::string_view text) {
  auto out = std::string{"\""};
  for (const auto c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out += '"';
}

std::string event(std::string_view delta, std::string_view finish) {
  auto out = std::string{"data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","};
  out += "\"created\":1700000000,\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":";
  out.append(delta).append(",\"finish_reason\":").append(finish).append("}]}\n\n");
  return out;
}

std::string hex(std::size_t number) {
  auto digits = std::array<char, 24>{};
  std::snprintf(digits.data(), digits.size(), "%zx", number);
  return digits.data();
}

std::string chunk(std::string_view bytes) {
  return hex(bytes.size()) + "\r\n" + std::string{bytes} + "\r\n";
}

struct played_call {
  std::string_view tool;
  std::string arguments;
};

/// A list of twelve records that a query lists again and again.
std::string query_arguments() {
  auto document = std::string{"["};
  for (auto berth = 1; berth <= 4; ++berth) {
    document += berth > 1 ? "," : "";
    document += "{\"berth\":" + std::to_string(berth) + ",\"free\":true,\"depth\":3.5}";
  }
  document += "]";
  return "{\"json_input\":" + in_quotes(document) + ",\"query\":\"[@,@,@,@,@,@,@]\"}";
}

std::string match_arguments() {
  auto text = std::string{};
  for (auto berth = 100; berth < 180; ++berth)
    text += "berth-" + std::to_string(berth) + " ";
  return "{\"pattern\":\"[a-z]+-[0-9]+\",\"operation\":\"findall\",\"text\":" + in_quotes(text)
         + "}";
}

std::string diff_arguments() {
  auto before = std::string{};
  auto after = std::string{};
  for (auto line = 0; line < 12; ++line) {
    const auto name = "berth " + std::to_string(line) + ": a sailing yacht of twelve";
    before += name + " metres\n";
    after += name + (line % 3 == 0 ? " feet\n" : " metres\n");
  }
  return "{\"a\":" + in_quotes(before) + ",\"b\":" + in_quotes(after) + ",\"context_lines\":12}";
}

std::array<played_call, tool_calls_per_run> played_calls() {
  return {{{"json_query", query_arguments()},
           {"regex_match", match_arguments()},
           {"text_diff", diff_arguments()},
           {"json_query", query_arguments()}}};
}

void add_call(std::vector<std::string>& events, std::size_t k, std::size_t tokens) {
  const auto call = played_calls().at(k);
  const auto per_event = std::max<std::size_t>(call.arguments.size() / tokens + 1, 1);
  auto head = "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"call_"
              + std::to_string(k) + "\",\"type\":\"function\",\"function\":{\"name\":"
              + in_quotes(call.tool) + ",\"arguments\":\"\"}}]}";
  events.push_back(event(head, "null"));
  for (std::size_t at = 0; at < call.arguments.size(); at += per_event) {
    const auto part = std::string_view{call.arguments}.substr(at, per_event);
    events.push_back(
      event("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":" + in_quotes(part) + "}}]}",
            "null"));
  }
  events.push_back(event("{}", "\"tool_calls\""));
}

void add_result(std::vector<std::string>& events, std::size_t tokens) {
  events.push_back(event("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
  events.push_back(event("{\"content\":\"[FINAL]\"}", "null"));
  for (std::size_t i = 1; i < tokens; ++i)
    events.push_back(event("{\"content\":\" berth\"}", "null"));
  events.push_back(event("{}", "\"stop\""));
}

std::vector<std::string> events_of(std::size_t k, std::size_t tokens) {
  auto events = std::vector<std::string>{};
  if (k < tool_calls_per_run) {
    add_call(events, k, tokens);
  } else {
    add_result(events, tokens);
  }
  const auto spent = std::to_string(tokens);
  events.push_back("data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
                   "\"created\":1700000000,\"model\":\"bench\",\"choices\":[],\"usage\":{"
                   "\"prompt_tokens\":1500,\"completion_tokens\":"
                   + spent + "}}\n\n");
  events.emplace_back("data: [DONE]\n\n");
  return events;
}

answer_pieces pieces_of(std::size_t k, const answer_shape& shape) {
  auto pieces = answer_pieces{
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    "Connection: keep-alive\r\n\r\n"};
  for (const auto& bytes : events_of(k, std::max<std::size_t>(shape.tokens, 1)))
    pieces.push_back(chunk(bytes));
  pieces.back() += "0\r\n\r\n";
  if (shape.segment_per_token)
    return pieces;
  auto whole = std::string{};
  for (const auto& piece : pieces)
    whole += piece;
  return {whole};
}

}  // namespace

std::array<answer_pieces, calls_per_run> played_answers(const answer_shape& shape) {
  auto answers = std::array<answer_pieces, calls_per_run>{};
  for (std::size_t k = 0; k < calls_per_run; ++k)
    answers.at(k) = pieces_of(k, shape);
  return answers;
}

}  // namespace persona_runtime::bench
