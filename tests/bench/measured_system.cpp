#include "tests/bench/measured_system.hpp"

#include "tests/bench/json_text.hpp"

#include <charconv>
#include <cstdlib>
#include <random>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

std::filesystem::path fresh_folder(const std::string& under) {
  auto any = std::random_device{};
  auto folder = std::filesystem::path{under} / ("load_bench_" + std::to_string(any()));
  std::filesystem::create_directories(folder);
  return folder;
}

std::string background_of(std::size_t bytes) {
  auto text = std::string{};
  for (auto berth = 1; text.size() < bytes; ++berth)
    text += "Berth " + std::to_string(berth) + " takes a boat of twelve metres at low water. ";
  text.resize(bytes, '.');
  return text;
}

std::string persona_text(std::size_t background_bytes) {
  return R"({"yaml":"schema_version: \"1.0\"\nidentity:\n  name: Runa\n  role: harbour master\n)"
         R"(  background: \")"
         + background_of(background_bytes)
         + R"(\"\n  constraints: [Never invent a depth.]\n)"
           R"(tools: [json_query, regex_match, text_diff]\nautonomy: decisive\n"})";
}

std::vector<std::string> model_variables(std::uint16_t port) {
  auto out = std::vector<std::string>{};
  for (const auto* tier : {"FRONTIER", "MID", "SMALL"}) {
    const auto prefix = std::string{"PERSONA_"} + tier + "_";
    out.push_back(prefix + "PROVIDER=openai");
    out.push_back(prefix + "MODEL=bench");
    out.push_back(prefix + "API_KEY=bench");
    out.push_back(prefix + "CONTEXT_WINDOW=128000");
    out.push_back(prefix + "BASE_URL=http://127.0.0.1:" + std::to_string(port) + "/v1");
  }
  return out;
}

std::int64_t milliseconds_in(std::string_view iso) {
  auto part = [&iso](std::size_t at, std::size_t digits) {
    auto value = 0;
    if (iso.size() >= at + digits)
      std::from_chars(iso.data() + at, iso.data() + at + digits, value);
    return value;
  };
  using namespace std::chrono;
  const auto date = year{part(0, 4)} / part(5, 2) / part(8, 2);
  const auto time = sys_days{date} + hours{part(11, 2)} + minutes{part(14, 2)}
                    + seconds{part(17, 2)} + milliseconds{iso.size() > 20 ? part(20, 3) : 0};
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

/// The cursor of the next page; empty on the last one, null when this is no page.
std::optional<std::string> add_page(std::string_view json, std::vector<listed_run>& to) {
  auto parser = simdjson::dom::parser{};
  auto page = simdjson::dom::element{};
  auto items = simdjson::dom::array{};
  if (parser.parse(json.data(), json.size()).get(page) || page["items"].get_array().get(items))
    return std::nullopt;
  for (const auto item : items)
    to.push_back({std::string{text_at(item, "id")}, std::string{text_at(item, "status")},
                  milliseconds_in(text_at(item, "started_at")),
                  milliseconds_in(text_at(item, "finished_at"))});
  return std::string{text_at(page, "next_cursor")};
}

double number_after(std::string_view text, std::string_view name, char before) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1))
    if (at > 0 && text[at - 1] == before)
      return std::strtod(text.data() + at + name.size(), nullptr);
  return -1;
}

}  // namespace

measured_system::measured_system(const bench_settings& settings)
  : folder_{fresh_folder(settings.work)} {
  if (start_simulator(settings) && start_server(settings))
    persona_ = add_persona(settings);
}

measured_system::~measured_system() {
  server_.reset();
  simulator_.reset();
  auto error = std::error_code{};
  if (problem_.empty() && !is_kept_)
    std::filesystem::remove_all(folder_, error);
}

bool measured_system::start_simulator(const bench_settings& settings) {
  auto what =
    launch{{settings.simulator, "--record", "--delay-ms", std::to_string(settings.delay.count()),
            "--token-gap-ms", std::to_string(settings.token_gap.count()), "--tokens",
            std::to_string(settings.tokens)},
           {},
           (folder_ / "simulator.log").string()};
  what.command.emplace_back(settings.segment_per_token ? "--segment-per-token" : "--one-segment");
  if (settings.always_delivers)
    what.command.emplace_back("--always-deliver");
  simulator_ = std::make_unique<served_program>(what);
  const auto port = simulator_->port(10s);
  if (!port)
    problem_ = settings.simulator + " does not start; see " + what.log;
  simulator_port_ = port.value_or(0);
  to_simulator_ = std::make_unique<http_pool>(simulator_port_, 1);
  return port.has_value();
}

bool measured_system::start_server(const bench_settings& settings) {
  auto what = launch{
    {settings.server, "serve", "--listen", "127.0.0.1:0", "--data", (folder_ / "data").string()},
    model_variables(simulator_port_),
    log()};
  server_ = std::make_unique<served_program>(what);
  const auto port = server_->port(60s);
  if (!port)
    problem_ = settings.server + " does not start; see " + what.log;
  port_ = port.value_or(0);
  to_server_ = std::make_unique<http_pool>(port_, 1);
  return port.has_value();
}

std::string measured_system::add_persona(const bench_settings& settings) {
  auto made = pool_answer{};
  to_server_->send({http_text("POST", "/v1/personas", persona_text(settings.background_bytes)),
                    {},
                    [&made](pool_answer answer) { made = std::move(answer); }});
  while (to_server_->open() > 0)
    to_server_->turn(100ms);
  auto id = id_in(made.body);
  if (made.status != 201 || id.empty())
    problem_ = "the persona was answered with " + std::to_string(made.status) + ": " + made.body;
  return id;
}

std::string measured_system::run_request(std::size_t number, std::string_view query) const {
  const auto body = R"({"persona_id":")" + persona_ + R"(","task":"Plan berth )"
                    + std::to_string(number) + R"( for the night."})";
  return http_text("POST", std::string{"/v1/runs"}.append(query), body);
}

std::string measured_system::completion_request(std::size_t number) const {
  const auto body = R"({"model":")" + persona_
                    + R"(","stream":true,"messages":[{"role":"user","content":"Plan berth )"
                    + std::to_string(number) + R"( for the night."}]})";
  return http_text("POST", "/v1/chat/completions", body);
}

std::string measured_system::talk_request(std::string_view persona) const {
  // With a title, or one would be made behind the first turn.
  return http_text("POST", "/v1/personas/" + std::string{persona} + "/conversations",
                   R"({"title":"Berths"})");
}

std::string measured_system::get(http_pool& from, std::string_view target) {
  // Shared: an answer may still come after the wait was given up.
  auto got = std::make_shared<std::optional<pool_answer>>();
  from.send(
    {http_text("GET", target), {}, [got](pool_answer answer) { *got = std::move(answer); }});
  const auto due = bench_clock::now() + 30s;
  while (!*got && bench_clock::now() < due)
    from.turn(100ms);
  return *got && (*got)->status == 200 ? std::move((*got)->body) : std::string{};
}

double measured_system::metric(std::string_view name) {
  return number_after(get(*to_server_, "/metrics"), std::string{name} + " ", '\n');
}

double measured_system::simulated(std::string_view name) {
  return number_after(get(*to_simulator_, "/figures"), std::string{name} + "\":", '"');
}

std::optional<std::vector<listed_run>> measured_system::list(std::string_view status) {
  auto runs = std::vector<listed_run>{};
  auto cursor = std::string{};
  do {
    auto target = "/v1/runs?limit=200&status=" + std::string{status};
    if (!cursor.empty())
      target += "&cursor=" + cursor;
    const auto next = add_page(get(*to_server_, target), runs);
    if (!next)
      return std::nullopt;
    cursor = *next;
  } while (!cursor.empty());
  return runs;
}

std::vector<std::string> measured_system::recorded() {
  auto requests = std::vector<std::string>{};
  for (auto k = 0; k < 5; ++k)
    requests.push_back(get(*to_simulator_, "/recorded/" + std::to_string(k)));
  for (const auto& request : requests)
    if (request.empty())
      return {};
  return requests;
}

std::string measured_system::recorded_last() {
  return get(*to_simulator_, "/recorded/4");
}

bool measured_system::end_server() {
  return server_->end(60s);
}

std::string id_in(std::string_view json) {
  constexpr auto name = std::string_view{"\"id\":\""};
  const auto at = json.find(name);
  if (at == std::string_view::npos)
    return {};
  const auto rest = json.substr(at + name.size());
  return std::string{rest.substr(0, rest.find('"'))};
}

}  // namespace persona_runtime::bench
