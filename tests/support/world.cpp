#include "tests/support/world.hpp"

#include "domain/tool/summarize.hpp"
#include "messages/errors.hpp"
#include "providers/tools/memory_tools.hpp"

#include <stdexcept>

namespace persona_runtime::test {

const tokenizer_ptr& source_tokenizer() {
  static const auto counter = load_tokenizer(PERSONA_SOURCE_DIR "/config").value();
  return counter;
}

const prompt_texts& source_prompts() {
  static const auto texts = [] {
    const auto text = read_file(PERSONA_SOURCE_DIR "/config/prompts/run.yaml", 1u << 20);
    return *parse_prompt_texts(text.value());
  }();
  return texts;
}

const chat_data& source_chat_data() {
  static const auto data = load_chat_data(PERSONA_SOURCE_DIR "/config").value();
  return data;
}

persona a_persona() {
  auto p = persona{};
  p.identity.name = "Mira";
  p.identity.role = "harbour clerk";
  p.identity.background = "Keeps the berth book for a small harbour.";
  p.tools = {"search", "write"};
  return p;
}

tool_definition a_tool(std::string name, tool_effect effect) {
  auto tool = tool_definition{};
  tool.name = std::move(name);
  tool.description = "A tool of the tests.";
  tool.parameters = R"({"type":"object"})";
  tool.effect = effect;
  return tool;
}

model_entry a_model(std::string provider, std::string model) {
  auto m = model_entry{};
  m.provider = std::move(provider);
  m.model = std::move(model);
  m.price = model_price{1.0, 2.0};
  m.context_window = 128'000;
  m.counts_exactly = true;
  return m;
}

void world::throw_if(const std::string& planted) const {
  if (fault == planted)
    throw std::runtime_error{"a planted fault"};
}

wiring_options world::wiring_options_for() {
  auto wired = wiring_options{};
  wired.own_threads = false;
  wired.memories = options.remembers ? 1 : 0;
  wired.streams = 1;
  wired.supervisor = options.supervisor;
  wired.stream = options.stream;
  wired.floor = options.floor;
  wired.conversations = options.conversations;
  wired.completions = options.completions;
  wired.history = options.history;
  wired.spawn_conversation = [this](conversation_services_ptr services, conversation_id id,
                                    resume_reason reason) {
    return conversation =
             sys.spawn(conversation_behavior, std::move(services), std::move(id), reason);
  };
  wired.gate = options.gate;
  wired.now = [this] { return now(); };
  // As the recorded cases count them; of the same length, so tokens can be compared.
  wired.new_nonce = [made = 0]() mutable {
    const auto digits = std::to_string(++made);
    return "nonce" + std::string(3 - std::min<std::size_t>(3, digits.size()), '0') + digits;
  };
  wired.chance = [this] {
    throw_if("tier");
    return chance;
  };
  wired.workspace_of = [this](const owner_id&, const persona_id&) {
    throw_if("tool");
    return std::string{"/nowhere"};
  };
  wired.on_crash = [this](const std::string& name, const std::string& why) {
    crashes.push_back(name + ": " + why);
  };
  wired.spawn_run = [this](run_services_ptr services, begin how, loaded_run past) {
    throw_if("supervisor");
    return actor = spawn_runs_in(sys)(std::move(services), how, std::move(past));
  };
  wired.log = options.log;
  return wired;
}

void world::add_own_tools(wiring_parts& parts) {
  if (options.summarises)
    options.tools.push_back(text_summarize_definition());
  if (!options.remembers)
    return;
  parts.link = std::make_shared<late_memory_keeper>();
  auto ulids = [made = 0]() mutable {
    const auto digits = std::to_string(++made);
    return "01JD" + std::string(22 - digits.size(), '0') + digits;
  };
  for (auto& tool : make_memory_tools({parts.link, wiring_options_for().now, ulids})) {
    options.tools.push_back(tool->definition());
    parts.tools.push_back(std::move(tool));
  }
}

world::world(world_options given) : options{std::move(given)} {
  store = options.store ? options.store : std::shared_ptr<journal_store>{make_memory_store()};
  auto parts = wiring_parts{};
  for (const auto& [name, members] : options.tiers) {
    auto& tier = parts.tiers.emplace_back(wiring_tier{name, {}, {}, options.hedges});
    for (const auto& member : members) {
      auto provider = options.provider_of ? options.provider_of(name, member, model) : model;
      tier.members.push_back({member, std::move(provider), {}});
    }
  }
  for (const auto& definition : options.tools) {
    auto body = std::make_shared<desk_tool>(definition);
    tools.emplace(definition.name, body);
    parts.tools.push_back(body);
  }
  add_own_tools(parts);
  parts.turn_logs = options.turn_logs;
  auto setups = setup_parts{};
  setups.counter = source_tokenizer();
  setups.texts = options.texts.value_or(source_prompts());
  setups.tools = options.tools;
  setups.skills = options.skills;
  setups.now = wiring_options_for().now;
  setups.new_ulid = [made = 0]() mutable {
    const auto digits = std::to_string(++made);
    return "01JC" + std::string(22 - digits.size(), '0') + digits;
  };
  setups.new_persona_id = [made = 0]() mutable { return "persona_" + std::to_string(++made); };
  setup = make_run_setup(options.who, setups);
  parts.store = store;
  parts.counter = source_tokenizer();
  parts.personas = make_persona_rules(setups);
  const auto& data = source_chat_data();
  parts.chat = std::make_shared<const chat_parts>(
    chat_parts{source_tokenizer(), setups.texts, data.texts, data.tables, options.tools, nullptr,
               options.recall, false, options.routing,
               std::make_shared<const model_traits_table>(options.traits)});
  spec.owner = {"alice"};
  spec.persona = {"persona_1"};
  spec.task = "Find a berth.";
  actors = wire(sys, parts, wiring_options_for());
  settle();
  if (options.resumes) {
    caf::anon_send(actors.supervisor, resume_all{});
    caf::anon_send(actors.conversations, end_old_turns{});
    settle();
  }
}

world::~world() {
  actors.stop();
  actors = {};
  actor = run_actor{};
  conversation = conversation_actor{};
  sched.run();
  sched.clock().cancel_all();  // else ~actor_system waits for the next sweep
  sched.run();
}

instant world::now() const {
  const auto since = sched.clock().now().time_since_epoch();
  return instant{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

void world::settle() {
  sched.run();
}

void world::advance(std::chrono::milliseconds by) {
  sched.advance_time(by);
  settle();
}

bool world::step(std::size_t count) {
  for (; count > 0; --count) {
    if (!sched.has_job())
      return false;
    sched.run_once();
  }
  return true;
}

run_id world::start() {
  send_start();
  settle();
  return run;
}

void world::send_start() {
  auto own = spec;
  own.task_size = size_of(*source_tokenizer(), role::user, own.task);
  auto text = encode_setup(*setup);
  own.setup_hash = sha256_text(text);
  caf::anon_send(actors.supervisor, start_run{run,
                                              std::make_shared<const run_spec>(std::move(own)),
                                              setup,
                                              shared_text{std::move(text)},
                                              {},
                                              {}});
}

void world::request_cancel(std::string reason) {
  caf::anon_send<caf::message_priority::high>(
    actors.supervisor, cancel_run{run, {spec.owner, false}, std::move(reason)});
  settle();
}

std::optional<failure> world::answer(std::string text, std::string question_id) {
  auto self = caf::scoped_actor{sys};
  const auto size = size_of(*source_tokenizer(), role::user, text);
  auto pending = self->request(
    actors.supervisor, caf::infinite,
    answer_run{run, {spec.owner, false}, std::move(text), size, std::move(question_id)});
  settle();
  auto refused = std::optional<failure>{};
  pending.receive([](const done&) {}, [&](const caf::error& e) { refused = to_failure(e); });
  return refused;
}

void world::model_answers(model_result<model_reply> reply) {
  if (reply)
    reply->size = size_of(*source_tokenizer(), role::assistant, reply->text);
  REQUIRE(model->desk.answer(std::move(reply)));
  settle();
}

desk_tool& world::tool(const std::string& name) {
  return *tools.at(name);
}

void world::tool_answers(const std::string& name, tool_result result) {
  REQUIRE(tool(name).desk.answer(std::move(result)));
  settle();
}

void world::crash_run() {
  caf::anon_send_exit(actor, caf::exit_reason::kill);
}

std::vector<decoded_record> world::records() {
  auto all = std::vector<decoded_record>{};
  for (const auto& append : store->read_run(run).value()) {
    for (auto& r : decode_body(append.body.view()).value())
      all.push_back(std::move(r));
  }
  return all;
}

std::vector<std::string> world::kinds() {
  auto found = std::vector<std::string>{};
  for (const auto& r : records())
    found.emplace_back(kind_of(r.body));
  return found;
}

std::vector<std::string> world::events() {
  auto found = std::vector<std::string>{};
  for (const auto& r : records()) {
    if (is_public(r.body))
      found.emplace_back(kind_of(r.body));
  }
  return found;
}

std::vector<std::string> world::event_json() {
  auto found = std::vector<std::string>{};
  for (const auto& append : store->read_run(run).value()) {
    for (const auto& event : events_of(append.body, {}))
      found.emplace_back(event.json());
  }
  return found;
}

std::size_t world::count(const std::string& kind) {
  return static_cast<std::size_t>(std::ranges::count(kinds(), kind));
}

run_view world::view() {
  auto v = run_view{};
  for (const auto& r : records())
    v.apply(r.body, r.at);
  return v;
}

run_state world::journalled() {
  auto s = run_state{};
  s.setup = setup;
  for (const auto& r : records())
    ::persona_runtime::apply(s, r.body);
  return s;
}

}  // namespace persona_runtime::test
