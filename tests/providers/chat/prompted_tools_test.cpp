#include "providers/chat/ollama.hpp"
#include "providers/chat/prompted_tools.hpp"
#include "tests/providers/chat/heard.hpp"
#include "tests/providers/chat/said_messages.hpp"
#include "tests/providers/chat/wire_fixture.hpp"

#include <random>

using namespace persona_runtime;
using namespace persona_runtime::test;

namespace {

using texts = std::vector<std::string>;

/// Calls as "id name arguments".
struct taken {
  std::string text;
  texts calls;
  friend bool operator==(const taken&, const taken&) = default;
};

taken taken_of(const prompted_piece& piece) {
  auto out = taken{piece.text, {}};
  for (const auto& call : piece.calls)
    out.calls.push_back(call.call_id + ' ' + call.name + ' ' + call.arguments);
  return out;
}

taken read(const texts& fragments) {
  auto parser = prompted_parser{};
  auto all = prompted_piece{};
  for (const auto& fragment : fragments)
    parser.feed(fragment, all);
  parser.finish(all);
  return taken_of(all);
}

/// In one piece, in single characters, in two at every cut and in seeded ones: always the same.
taken read_every_way(const std::string& text) {
  const auto whole = read({text});
  auto single = texts{};
  for (const auto c : text)
    single.emplace_back(1, c);
  CHECK(read(single) == whole);
  for (auto cut = std::size_t{0}; cut <= text.size(); ++cut) {
    INFO("cut at " << cut);
    CHECK(read({text.substr(0, cut), text.substr(cut)}) == whole);
  }
  auto random = std::mt19937{11};
  for (auto i = 0; i < 20; ++i) {
    auto pieces = texts{};
    for (auto at = std::size_t{0}; at < text.size(); at += pieces.back().size())
      pieces.push_back(text.substr(at, 1 + random() % 9));
    CHECK(read(pieces) == whole);
  }
  return whole;
}

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

struct row {
  std::string text;
  std::string visible;  // blanks do not count
  texts calls;
};

const std::vector<row> rows = {
  {"no braces at all", "no braces at all", {}},
  {R"({"tool":"a","args":{}} plus {"tool":"b","args":{"x":1}})",
   "plus",
   {"shim-1 a {}", R"(shim-2 b {"x":1})"}},
  {R"(one {not json} two {"tool":"good","args":{}})", "one {not json} two", {"shim-1 good {}"}},
  {R"(see {"k":1} ok)", R"(see {"k":1} ok)", {}},
  {R"(open { then {"tool":"a","args":{}})", R"(open { then {"tool":"a","args":{}})", {}},
  {R"(He said "hi {"tool":"a","args":{}} there)", R"(He said "hi there)", {"shim-1 a {}"}},
  {R"([{"tool":"a","args":{}},{"tool":"b","args":{"x":1}}])",
   "[ , ]",
   {"shim-1 a {}", R"(shim-2 b {"x":1})"}},
  {R"({"outer":{"tool":"a","args":{}}})", R"({"outer":{"tool":"a","args":{}}})", {}},
  {R"({"tool":"a"})", "", {"shim-1 a {}"}},
  {R"({"tool":"a","args":null})", R"({"tool":"a","args":null})", {}},
  {R"({"tool":"a","args":[]})", R"({"tool":"a","args":[]})", {}},
  {R"({"tool":42,"args":{}})", R"({"tool":42,"args":{}})", {}},
  {R"({"tool":"","args":{}})", R"({"tool":"","args":{}})", {}},
  {R"({"args":{}})", R"({"args":{}})", {}},
  {"  lead {\"tool\":\"a\",\"more\":1}   \n trail  ", "lead trail", {"shim-1 a {}"}},
  {R"({"tool":"a","args":{"nested":{"a":1,"b":[2,3]}}})",
   "",
   {R"(shim-1 a {"nested":{"a":1,"b":[2,3]}})"}},
  {R"({"tool":"a","args":{"s":"}{"}})", "", {R"(shim-1 a {"s":"}{"})"}},
  {R"({"tool":"a","args":{"s":"\"}\\"}})", "", {R"(shim-1 a {"s":"\"}\\"})"}},
  {"```json\n{ \"tool\":\"a\",\"args\":{}}\n```", "```json\n\n```", {"shim-1 a {}"}},
  {R"(up {bad} down)", "up {bad} down", {}},
  {R"(hello {"tool": "x" more)", R"(hello {"tool": "x" more)", {}},
  {R"(a } b {"tool":"a"})", "a } b", {"shim-1 a {}"}},
  {R"(an odd " and {"tool":"a"})", "an odd \" and", {"shim-1 a {}"}},
  {R"(a \{"tool":"a"})", "a \\", {"shim-1 a {}"}},
  {"{}{ }{{}}", "{}{ }{{}}", {}},
  {"a {\"t\xC3\xB8\":1} \xC3\xA6", "a {\"t\xC3\xB8\":1} \xC3\xA6", {}},
};

tool_definition tool_of(std::string name, std::string description, std::string parameters) {
  auto tool = tool_definition{};
  tool.name = std::move(name);
  tool.description = std::move(description);
  tool.parameters = std::move(parameters);
  return tool;
}

chat_request with_one_tool(message_list context) {
  auto request = asking(std::move(context));
  request.tools = one_tool();
  return request;
}

}  // namespace

TEST_CASE("AC-SHIM-02 AC-SHIM-03 AC-SHIM-04 AC-SHIM-06 calls are taken out of words, however cut",
          "[providers][prompted]") {
  for (const auto& r : rows) {
    INFO(r.text);
    const auto got = read_every_way(r.text);
    CHECK(without_blanks(got.text) == without_blanks(r.visible));
    CHECK(got.calls == r.calls);
  }
}

TEST_CASE("AC-SHIM-07 words without a call come back byte by byte", "[providers][prompted]") {
  for (const auto& r : rows) {
    if (r.calls.empty())
      CHECK(read({r.text}).text == r.text);
  }
}

TEST_CASE("AC-SHIM-05 text is shown as soon as it is certain", "[providers][prompted]") {
  const auto shown = [](const texts& fragments) {
    auto parser = prompted_parser{};
    auto out = texts{};
    for (const auto& fragment : fragments) {
      auto piece = prompted_piece{};
      parser.feed(fragment, piece);
      out.push_back(piece.text);
    }
    return out;
  };
  CHECK(shown({R"(lead {"tool": "fi)", R"(nd", "args": {"q": "x"}})"}) == texts{"lead ", ""});
  CHECK(shown({R"(pre {"tool":"x","args":{}} post)"}) == texts{"pre  post"});
  CHECK(shown({R"({"tool":"a","args":{"s":"\")", R"(}"}})", "x"}) == texts{"", "", "x"});
  CHECK(shown({"int f() { return", " {1}; }"}) == texts{"int f() { return", " {1}; }"});
  CHECK(shown({R"({"k":)", "1} on"}) == texts{"", R"({"k":1} on)"});
}

TEST_CASE("a call that is being written is told of, though nothing of it is shown",
          "[providers][prompted]") {
  const auto to = std::make_shared<heard>();
  auto sink = prompted_sink{to};
  sink.on_text("I look. ");
  CHECK(to->unshown == 0);
  sink.on_text(R"({"tool": "fi)");
  CHECK(to->unshown == 12);
  sink.on_text(R"(nd", "args": {}} So.)");
  CHECK(to->unshown == 12);
  CHECK(to->text == "I look.  So.");
  sink.on_unshown(5);
  CHECK(to->unshown == 17);
}

TEST_CASE("what is held back has a bound", "[providers][prompted]") {
  auto parser = prompted_parser{};
  auto all = prompted_piece{};
  const auto text =
    "{\"tool\":\"a\",\"args\":{\"s\":\"" + std::string((1u << 20) + 64, 's') + "\"}}";
  parser.feed(text.substr(0, text.size() - 1), all);
  CHECK(all.text == text.substr(0, text.size() - 1));
  parser.feed(text.substr(text.size() - 1) + R"({"tool":"b"})", all);
  CHECK(taken_of(all).calls == texts{"shim-1 b {}"});
}

TEST_CASE("calls beyond the reply's bound are text", "[providers][prompted]") {
  auto text = std::string{};
  for (auto i = std::size_t{0}; i <= reply_calls_max; ++i)
    text += R"({"tool":"a"})";
  const auto got = read({text});
  CHECK(got.calls.size() == reply_calls_max);
  CHECK(got.text == R"({"tool":"a"})");
}

TEST_CASE("AC-SHIM-01 the model is told what there is and how to ask for it",
          "[providers][prompted]") {
  CHECK(prompted_tools_text({}).empty());
  const auto text = prompted_tools_text(
    {tool_of("find", "Looks for it.",
             R"({"type":"object","required":["query"],"properties":{)"
             R"("query":{"type":"string"},"k":{"type":"integer"},"f":{},"g":3}})"),
     tool_of("rest", "Does nothing.", R"({"type":"object"})")});
  CHECK(text.find(R"({"tool": "<name>")") != std::string::npos);
  CHECK(text.find("- find: Looks for it.\n"
                  "    parameters: query: string, k?: integer, f?: any, g?: any\n"
                  "- rest: Does nothing.\n")
        != std::string::npos);
  CHECK(text.ends_with("- rest: Does nothing.\n"));
}

TEST_CASE("AC-CAP-02 a request in words has no tools and no results", "[providers][prompted]") {
  const auto block = prompted_tools_text(*one_tool());
  const auto context =
    message_list{said(role::system, "Stay brief."), said(role::user, "Look."),
                 called("Well.", {{"find", R"({"q":1})", "a"}}), returned("one", "a")};
  auto request = in_words(with_one_tool(context));
  CHECK_FALSE(request.tools);
  REQUIRE(request.context.size() == 4);
  CHECK(request.context[0]->content.view() == "Stay brief.\n\n" + block);
  CHECK(request.context[2]->content.view() == "Well.\n{\"tool\":\"find\",\"args\":{\"q\":1}}");
  CHECK(request.context[2]->calls.empty());
  CHECK(request.context[3]->from == role::user);
  CHECK(request.context[3]->content.view() == "find returned: one");

  request = in_words(with_one_tool({said(role::user, "Look.")}));
  REQUIRE(request.context.size() == 2);
  CHECK(request.context[0]->from == role::system);
  CHECK(request.context[0]->content.view() == block);

  auto forced = with_one_tool(context);  // D-29: no block, but the results are words all the same
  forced.choice = tool_choice::none;
  request = in_words(forced);
  CHECK(request.context[0]->content.view() == "Stay brief.");
  CHECK(request.context[3]->from == role::user);
}

TEST_CASE("AC-OLL-04 D-21 an answer's words become calls, if tools were offered",
          "[providers][prompted]") {
  const std::string lines =
    R"({"message":{"content":"on it {\"tool\": \"find\", \"ar"},"done":false})"
    "\n"
    R"({"message":{"content":"gs\": {\"q\": \"otters\"}} and {"},"done":false})"
    "\n"
    R"({"done":true,"done_reason":"stop","prompt_eval_count":4,"eval_count":6})"
    "\n";
  auto server = loopback_server{answer_with(plain_answer(lines, "application/x-ndjson"))};
  auto f = wire_fixture{};
  auto provider = make_ollama_provider({"m-1", "", server.url("/"), false}, f.around());
  REQUIRE(provider.has_value());

  auto sink = std::make_shared<heard>();
  auto request = ask(sink);
  request.tools = one_tool();
  const auto reply = call(**provider, request);
  REQUIRE(reply.has_value());
  CHECK(reply->text == "on it  and {");
  CHECK(sink->text == reply->text);
  REQUIRE(reply->calls.size() == 1);
  CHECK(reply->calls[0] == tool_call{"find", R"({"q":"otters"})", "shim-1", false});
  CHECK(reply->finish == finish_reason::tool_calls);

  const auto plain = call(**provider, ask());
  REQUIRE(plain.has_value());
  CHECK(plain->calls.empty());
  CHECK(plain->text == R"(on it {"tool": "find", "args": {"q": "otters"}} and {)");
}
