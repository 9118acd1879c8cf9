#include "bootstrap/settings/load_settings.hpp"
#include "bootstrap/settings/setting_value.hpp"
#include "bootstrap/settings/settings_table.hpp"
#include "bootstrap/settings/units.hpp"
#include "tests/support/catch.hpp"

#include <set>
#include <sstream>
#include <string>

namespace persona_runtime {
namespace {

using std::chrono::milliseconds;

loaded_settings load(const std::string& text, const std::map<std::string, std::string>& env = {}) {
  return load_settings({"runtime.yaml", text, environment{env}});
}

/// The values of a text without problems.
settings values(const std::string& text, const std::map<std::string, std::string>& env = {}) {
  auto loaded = load(text, env);
  for (const auto& problem : loaded.problems)
    FAIL(describe(problem));
  return loaded.values;
}

/// The only problem of a text.
std::string complaint(const std::string& text, const std::map<std::string, std::string>& env = {}) {
  const auto loaded = load(text, env);
  REQUIRE(loaded.problems.size() == 1);
  return describe(loaded.problems.front());
}

bool has(const std::string& text, std::string_view part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

const std::string digest(64, 'a');

}  // namespace

TEST_CASE("without a file every key has the default of the contract", "[bootstrap][settings]") {
  const auto v = values("");
  CHECK(v.listen == listen_address{"127.0.0.1", 8080});
  CHECK(v.data == "./data");
  CHECK(v.auth.keys.empty());
  CHECK(v.limits.runs_live_max == 10'000);
  CHECK(v.limits.runs_queued_max == 1'000);
  CHECK(v.limits.steps_default == 20);
  CHECK(v.limits.steps_max == 1'000);
  CHECK_FALSE(v.limits.tokens_max);
  CHECK_FALSE(v.rates.runs_per_minute);
  CHECK(v.timeouts.call == milliseconds{600'000});
  CHECK(v.timeouts.question == milliseconds{86'400'000});
  CHECK(v.retry.max_wait == milliseconds{60'000});
  CHECK(v.http.slow_reader_buffer.bytes == 1'048'576);
  CHECK(v.journal.store == "sqlite");
  CHECK(v.skills.built_in);
  CHECK(v.routing.router == "heuristic");
  CHECK(v.tools.empty());
  CHECK(v.sandbox_root == "./.persona_work");
}

TEST_CASE("the example of the contract is read as it stands", "[bootstrap][settings]") {
  const auto v = values(R"(
listen: 127.0.0.1:8080
data: ./data
auth: {keys: [{name: ops, sha256: )"
                        + digest + R"(, owner: alice, role: admin}]}
limits: {runs_live_max: 10000, runs_queued_max: 1000, steps_default: 20, steps_max: 1000, tokens_max: null, cost_cents_max: null, deadline: null}
rates: {runs_per_minute: null, messages_per_minute: null, author_per_minute: null, default_per_minute: null}
timeouts: {connect: 10s, first_token: 60s, between_tokens: 60s, call: 10m, tool: 60s, question: 24h, drain: 20s}
retry: {max_wait: 60s}
http: {header: 10s, body: 30s, idle: 75s, slow_reader: 30s, slow_reader_buffer: 1MiB, heartbeat: 15s}
journal: {store: sqlite, durability: full}
skills: {built_in: true, dirs: [{path: here, trust: operator}]}
personas: {dirs: [a, b]}
descriptors: {upstream: 12000, clients: 6000, tools: 500}
routing: {router: heuristic, force_frontier: false}
tiers:
  frontier: {models: [openai/gpt-4o, anthropic/claude-sonnet-4-6], context_window: 128000}
tools:
  - name: lookup
    description: Looks a berth up.
    kind: http
    url: http://127.0.0.1:9001/lookup
    parameters: {type: object, properties: {berth: {type: integer}}, required: [berth]}
    effect: read_only
    exclusive: false
    timeout: 30s
  - name: word_count
    description: Counts words.
    kind: command
    command: [wc, -w]
    sandbox: strict
)");
  REQUIRE(v.auth.keys.size() == 1);
  CHECK(v.auth.keys[0].owner == "alice");
  CHECK(v.auth.keys[0].role == "admin");
  REQUIRE(v.skills.dirs.size() == 1);
  CHECK(v.skills.dirs[0].trust == "operator");
  CHECK(v.personas.dirs == std::vector<std::string>{"a", "b"});
  CHECK(v.descriptors.clients == 6000u);
  CHECK(v.tiers.at("frontier").models.size() == 2);
  CHECK(v.tiers.at("frontier").context_window == 128'000u);
  REQUIRE(v.tools.size() == 2);
  CHECK(v.tools[0].parameters.text
        == R"({"type":"object","properties":{"berth":{"type":"integer"}},"required":["berth"]})");
  CHECK(v.tools[0].timeout == milliseconds{30'000});
  CHECK(v.tools[1].command == std::vector<std::string>{"wc", "-w"});
  CHECK(v.tools[1].effect == "side_effect");
  CHECK_FALSE(v.tools[1].timeout);
}

TEST_CASE("an unknown key stops the start with file, line and the nearest key",
          "[bootstrap][settings]") {
  CHECK(complaint("limits:\n  steps_mx: 3\n")
        == "runtime.yaml:2: limits.steps_mx: unknown key; did you mean `steps_max`?");
  CHECK(complaint("limit: {}\n") == "runtime.yaml:1: limit: unknown key; did you mean `limits`?");
  CHECK(has(complaint("tools:\n  - {name: a, description: b, kind: http, url: 'http://x/', efect: "
                      "read_only}\n"),
            "tools[0].efect: unknown key; did you mean `effect`?"));
  CHECK(has(complaint("auth: {keys: [{name: a, sha256: " + digest + ", owner: o, rol: user}]}\n"),
            "did you mean `role`?"));
  CHECK(has(complaint("tiers:\n  fronteir: {provider: openai}\n"),
            "tiers.fronteir: unknown tier; did you mean `frontier`?"));
  CHECK(has(complaint("tiers:\n  mid: {provder: openai}\n"), "did you mean `provider`?"));
  CHECK(has(complaint("xyzzyxyzzy: 1\n"), "unknown key; known are"));
  CHECK(has(complaint("steps_max: 1\n"), "did you mean `limits.steps_max`?"));
}

TEST_CASE("keys of the table's own spelling are no keys of the file", "[bootstrap][settings]") {
  for (const auto* text :
       {"limits.steps_max: 3\n", "\"auth.keys[]\": {}\n", "tiers.*.model: x\n",
        "auth: {'keys[]': {}}\n", "PERSONA_TOOLS_SANDBOX_ROOT: /tmp\n", "tiers: {'*': {}}\n"}) {
    INFO(text);
    CHECK(has(complaint(text), "unknown"));
  }
}

TEST_CASE("a value of the wrong type or out of range is refused with its line",
          "[bootstrap][settings]") {
  CHECK(has(complaint("\nlimits: {steps_max: many}\n"), "runtime.yaml:2: limits.steps_max: "));
  CHECK(has(complaint("limits: {steps_max: 1.5}\n"), "an integer"));
  CHECK(has(complaint("limits: {steps_max: '5'}\n"), "(quoted)"));
  CHECK(has(complaint("limits: {runs_live_max: 0}\n"), "1 to 1000000"));
  CHECK(values("limits: {runs_live_max: 1}\n").limits.runs_live_max == 1);
  CHECK(values("limits: {runs_live_max: 1000000}\n").limits.runs_live_max == 1'000'000);
  CHECK(has(complaint("limits: {runs_live_max: 1000001}\n"), "out of range"));
  CHECK(has(complaint("limits: {steps_max: null}\n"), "nothing stands here"));
  CHECK(has(complaint("limits: {cost_cents_max: .nan}\n"), "out of range"));
  CHECK(has(complaint("limits: {cost_cents_max: 0}\n"), "out of range"));
  CHECK(has(complaint("timeouts: {call: 10}\n"), "a duration with its unit"));
  CHECK(has(complaint("timeouts: {call: 0s}\n"), "1ms to 24h"));
  CHECK(has(complaint("timeouts: {call: 25h}\n"), "out of range"));
  CHECK(has(complaint("http: {slow_reader_buffer: 1MB}\n"), "a size with its unit"));
  CHECK(has(complaint("skills: {built_in: 1}\n"), "true or false"));
  CHECK(has(complaint("journal: {store: postgres}\n"), "one of sqlite, memory"));
  CHECK(has(complaint("personas: {dirs: here}\n"), "a list of texts"));
  CHECK(has(complaint("personas: {dirs: [[a]]}\n"), "every item"));
  CHECK(has(complaint("data: ''\n"), "a text"));
  CHECK(has(complaint("limits: 5\n"), "a mapping of keys is wanted"));
  CHECK(has(complaint("tools: 5\n"), "a list is wanted"));
  CHECK(has(complaint("tiers: 5\n"), "a mapping of tiers"));
}

TEST_CASE("listen takes an address and a port", "[bootstrap][settings]") {
  CHECK(values("listen: 0.0.0.0:0\n").listen == listen_address{"0.0.0.0", 0});
  CHECK(values("listen: '[::1]:65535'\n").listen == listen_address{"::1", 65535});
  CHECK(values("listen: localhost:80\n").listen == listen_address{"localhost", 80});
  for (const auto* wrong : {"8080", ":8080", "'a:'", "a:65536", "a:-1", "a:8x", "'::1:80'",
                            "'a b:1'", "'[]:1'", "http://a:1", "[a, b]"}) {
    INFO(wrong);
    CHECK(has(complaint(std::string{"listen: "} + wrong + "\n"), "ADDRESS:PORT"));
  }
}

TEST_CASE("text that is no configuration is refused", "[bootstrap][settings]") {
  CHECK(has(complaint("[1, 2]\n"), "a mapping of keys is wanted"));
  CHECK(has(complaint("limits: {steps_max: 1\n"), "runtime.yaml:"));
  CHECK(has(complaint("data: a\ndata: b\n"), "data"));
  CHECK(has(complaint(std::string(2u << 20, '#')), "runtime.yaml"));
  CHECK(has(complaint("data: " + std::string(5'000, 'x') + "\n"), "4096 bytes"));
  CHECK(has(complaint("tools: " + std::string(500, '[')), "runtime.yaml"));
}

TEST_CASE("aliases that multiply are refused before they fill the memory",
          "[bootstrap][settings]") {
  std::string bomb = "x0: &x0 [aaaaaaaaaa, aaaaaaaaaa]\n";
  for (int i = 1; i < 40; ++i) {
    const auto before = "*x" + std::to_string(i - 1);
    bomb +=
      "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [" + before + ", " + before + "]\n";
  }
  CHECK(has(complaint(bomb), "runtime.yaml"));
}

TEST_CASE("problems are counted up to a hundred", "[bootstrap][settings]") {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += "wrong" + std::to_string(i) + ": 1\n";
  CHECK(load(text).problems.size() == 100);
}

TEST_CASE("values that do not go together are refused where they stand", "[bootstrap][settings]") {
  CHECK(values("limits:\n  steps_max: 10\n").limits.steps_default == 10);
  CHECK(has(complaint("limits:\n  steps_max: 10\n  steps_default: 11\n"),
            "runtime.yaml:3: limits.steps_default"));
  CHECK(has(complaint("limits:\n  steps_default: 2000\n"), "limits.steps_default"));
  CHECK(has(complaint("auth: {keys: [{name: a, sha256: abc, owner: o}]}\n"), "64 hex digits"));
  CHECK(has(complaint("auth: {keys: [{name: a, sha256: " + digest
                      + ", owner: o}, {name: a, sha256: " + digest + ", owner: o}]}\n"),
            "two keys"));
  CHECK(
    has(complaint("auth: {keys: [{name: a, sha256: " + digest + "}]}\n"), "`owner` is missing"));
  CHECK(has(complaint("tiers: {mid: {models: [openai/a], model: b}}\n"), "exclude each other"));
  CHECK(has(complaint("tiers: {mid: {models: []}}\n"), "the list is empty"));
  CHECK(has(complaint("tiers: {mid: {provider: openai, model: a, api_key: b, api_key_file: c}}\n"),
            "exclude each other"));
  CHECK(has(complaint("tiers: {mid: {provider: openai, model: a, base_url: 'ftp://x'}}\n"),
            "http:// or https://"));
  CHECK(has(complaint("tiers: {mid: {provider: openai, model: a, base_url: 'http://u:p@x'}}\n"),
            "user or password"));
}

TEST_CASE("a tool that cannot work is refused", "[bootstrap][settings]") {
  const auto with = [](const std::string& rest) {
    return complaint("tools: [{description: d, " + rest + "}]\n");
  };
  CHECK(has(with("name: a, kind: http"), "needs `url`"));
  CHECK(has(with("name: a, kind: command"), "needs `command`"));
  CHECK(has(with("name: a, kind: command, command: ['']"), "needs `command`"));
  CHECK(has(with("name: a, kind: mcp"), "`url` or `command`"));
  CHECK(has(with("name: a b, kind: command, command: [x]"), "a-z A-Z 0-9 _ and -"));
  CHECK(has(with("name: " + std::string(65, 'a') + ", kind: command, command: [x]"), "1 to 64"));
  CHECK(has(with("name: a, kind: http, url: 'http://x', command: [x]"), "kind command"));
  CHECK(has(with("name: a, kind: http, url: 'http://'"), "no host"));
  CHECK(has(with("kind: command, command: [x]"), "`name` is missing"));
  CHECK(has(with("name: a, kind: command, command: [x], parameters: [1]"), "a mapping"));
  CHECK(has(with("name: a, kind: command, command: [x], parameters: {a: .inf}"), "finite"));
  CHECK(has(complaint("tools:\n  - {name: a, description: d, kind: command, command: [x]}\n"
                      "  - {name: a, description: d, kind: command, command: [x]}\n"),
            "runtime.yaml:3: tools[1].name: two tools"));
  CHECK(values("tools: [{name: " + std::string(64, 'a')
               + ", description: d, kind: command, command: [x]}]\n")
          .tools.size()
        == 1);
}

TEST_CASE("variables win over the file and their values are checked", "[bootstrap][settings]") {
  const auto file = "rates: {runs_per_minute: 7, messages_per_minute: 8}\n";
  const auto loaded = load(file, {{"PERSONA_API_RATE_LIMIT_RUNS", "5"},
                                  {"persona_api_rate_limit_default", " 60 "},
                                  {"PERSONA_API_RATE_LIMIT_AUTHOR", ""},
                                  {"PERSONA_TOOLS_SANDBOX_ROOT", "/srv/work"},
                                  {"PERSONA_SOMETHING_ELSE", "ignored"}});
  CHECK(loaded.problems.empty());
  CHECK(loaded.values.rates.runs_per_minute == 5u);
  CHECK(loaded.values.rates.messages_per_minute == 8u);
  CHECK(loaded.values.rates.default_per_minute == 60u);
  CHECK_FALSE(loaded.values.rates.author_per_minute);
  CHECK(loaded.values.sandbox_root == "/srv/work");
  CHECK(loaded.source_of("rates.runs_per_minute") == "PERSONA_API_RATE_LIMIT_RUNS");
  CHECK(loaded.source_of("rates.messages_per_minute") == "runtime.yaml:1");
  CHECK_FALSE(loaded.source_of("rates.author_per_minute"));
  CHECK(
    has(complaint("", {{"PERSONA_API_RATE_LIMIT_RUNS", "many"}}), "PERSONA_API_RATE_LIMIT_RUNS: "));
  CHECK(has(complaint("", {{"PERSONA_API_RATE_LIMIT_RUNS", "0"}}), "1 to 1000000"));
}

TEST_CASE("CF-01 an unknown log format stops the start", "[bootstrap][settings]") {
  CHECK(has(complaint("", {{"PERSONA_LOG_FORMAT", "xml"}}), "one of pretty, json"));
  CHECK(values("", {{"PERSONA_LOG_FORMAT", "JSON"}, {"PERSONA_LOG_LEVEL", "INFO"}}).log.format
        == "json");
}

TEST_CASE("CF-02 a secret prints as stars", "[bootstrap][settings]") {
  std::ostringstream out;
  out << secret{"hunter2"} << '|' << secret{};
  CHECK(out.str() == "***|");
  const auto loaded = load("auth: {keys: [{name: a, sha256: " + digest + ", owner: o}]}\n");
  CHECK(loaded.set.at("auth.keys[0].sha256").value == "***");
  for (const auto& wrong : {std::string{"[hunter2]"}, std::string(5000, 'h')}) {
    const auto text =
      complaint("tiers: {mid: {provider: openai, model: m, api_key: " + wrong + "}}\n");
    CHECK_FALSE(has(text, "hunter2"));
    CHECK_FALSE(has(text, "hhh"));
  }
}

TEST_CASE("the digest of a key is taken in either case", "[bootstrap][settings]") {
  const auto v =
    values("auth: {keys: [{name: a, sha256: " + std::string(64, 'F') + ", owner: o}]}\n");
  CHECK(v.auth.keys.at(0).sha256.reveal() == std::string(64, 'f'));
  CHECK(v.auth.keys.at(0).role == "user");
}

TEST_CASE("durations and sizes: units, fractions, borders", "[bootstrap][settings]") {
  CHECK(parse_duration("0s") == milliseconds{0});
  CHECK(parse_duration("1.5m") == milliseconds{90'000});
  CHECK(parse_duration("250ms") == milliseconds{250});
  CHECK(parse_duration(" 7d ") == milliseconds{604'800'000});
  for (const auto* wrong :
       {"", "s", "10", "-1s", "1e3s", "1.2.3s", "10 s", "10S", "99999d", "1s1s"}) {
    INFO(wrong);
    CHECK_FALSE(parse_duration(wrong));
  }
  CHECK(parse_size("1MiB") == 1'048'576u);
  CHECK(parse_size("0.5KiB") == 512u);
  CHECK(parse_size("7B") == 7u);
  for (const auto* wrong : {"", "1", "1mb", "-1B", "99999999999GiB"})
    CHECK_FALSE(parse_size(wrong));
  CHECK(duration_text(milliseconds{86'400'000}) == "24h");
  CHECK(duration_text(milliseconds{75'000}) == "75s");
  CHECK(duration_text(milliseconds{60'000}) == "60s");
  CHECK(duration_text(milliseconds{120'000}) == "2m");
  CHECK(duration_text(milliseconds{1'500}) == "1500ms");
  CHECK(duration_text(milliseconds{0}) == "0s");
  CHECK(size_text(1'048'576) == "1MiB");
  CHECK(size_text(1'000) == "1000B");
  CHECK(size_text(0) == "0B");
}

TEST_CASE("every key stands in the table once, with a meaning, and its default is in range",
          "[bootstrap][settings]") {
  std::set<std::string_view> seen;
  for (const auto& key : settings_table()) {
    INFO(key.key);
    CHECK(seen.insert(key.key).second);
    CHECK(key.meaning.ends_with('.'));
    CHECK(key.min <= key.max);
    settings_draft draft;
    const auto field = key.field(draft);
    const auto text = value_text(field);
    const auto type = type_text(field);
    if (text.empty() || type.starts_with("list") || text == "null")
      continue;
    CHECK_FALSE(assign(key, field, plain_scalar(text)));
    CHECK(value_text(field) == text);
  }
}

TEST_CASE("descriptors are shares of the process's limit unless set", "[bootstrap][settings]") {
  CHECK(descriptors_at({}, 20'000) == descriptor_counts{12'000, 6'000, 500});
  CHECK(descriptors_at({}, 1'024) == descriptor_counts{614, 307, 25});
  CHECK(descriptors_at({}, 0) == descriptor_counts{1, 1, 1});
  CHECK(descriptors_at({}, UINT64_MAX) == descriptor_counts{600'000, 300'000, 25'000});
  descriptor_settings set;
  set.clients = 9;
  CHECK(descriptors_at(set, 20'000) == descriptor_counts{12'000, 9, 500});
}

TEST_CASE("CF-02 the key of the search engine comes from its variable and is never shown",
          "[bootstrap][settings]") {
  const auto loaded =
    load("", {{"PERSONA_WEB_SEARCH_API_KEY", "s3cret"}, {"PERSONA_WEB_SEARCH_PROVIDER", "tavily"}});
  CHECK(loaded.values.web_search.provider == "tavily");
  CHECK(loaded.values.web_search.api_key.reveal() == "s3cret");
  auto shown = std::ostringstream{};
  shown << loaded.values.web_search.api_key;
  CHECK(shown.str() == "***");
  CHECK(has(complaint("", {{"PERSONA_WEB_SEARCH_PROVIDER", "ask_jeeves"}}), "brave, tavily"));
}

TEST_CASE("an endpoint for vectors needs both its address and its model", "[bootstrap][settings]") {
  const auto loaded = load("memory:\n  embedder:\n    base_url: http://127.0.0.1:9000/v1\n"
                           "    model: small\n    dimension: 256\n",
                           {{"PERSONA_EMBEDDER_API_KEY", "s3cret"}});
  CHECK(loaded.problems.empty());
  CHECK(loaded.values.embedder.base_url == "http://127.0.0.1:9000/v1");
  CHECK(loaded.values.embedder.model == "small");
  CHECK(loaded.values.embedder.dimension == 256);
  CHECK(loaded.values.embedder.api_key.reveal() == "s3cret");
  CHECK(has(complaint("memory: {embedder: {model: small}}\n", {}), "belong together"));
  CHECK(has(complaint("memory: {embedder: {base_url: ftp://x, model: small}}\n", {}), "http://"));
  CHECK(has(complaint("memory: {embedder: {dimension: 0}}\n", {}), "dimension"));
}

TEST_CASE("turn logs go to files, and refusals back, only when somebody says so",
          "[bootstrap][settings]") {
  const auto silent = load("", {});
  CHECK_FALSE(silent.values.turn_log.dir);
  CHECK(silent.values.refusal_retry == "off");
  const auto loaded = load("turn_log: {dir: ./a}\n", {{"PERSONA_TURNLOG_PATH", "./b"},
                                                      {"PERSONA_REFUSAL_RETRY_ENABLED", "Yes"}});
  CHECK(loaded.values.turn_log.dir == "./b");
  CHECK(loaded.values.refusal_retry == "yes");
  CHECK(has(complaint("", {{"PERSONA_REFUSAL_RETRY_ENABLED", "perhaps"}}), "on"));
}

}  // namespace persona_runtime
