#include "bootstrap/assembly/assembly.hpp"

#include "bootstrap/assembly/kept_personas.hpp"
#include "bootstrap/assembly/models.hpp"
#include "bootstrap/assembly/operator_tools.hpp"
#include "bootstrap/assembly/skills.hpp"
#include "bootstrap/data_files.hpp"
#include "bootstrap/random_bytes.hpp"
#include "bootstrap/utc_now.hpp"
#include "domain/text/ulid.hpp"
#include "domain/text/utf8.hpp"
#include "providers/embed/http_embedder.hpp"
#include "providers/http/client.hpp"
#include "providers/http/io_thread.hpp"
#include "providers/store/memory_store.hpp"
#include "providers/store/sqlite_store.hpp"
#include "providers/tools/builtin_tools.hpp"
#include "providers/tools/memory_tools.hpp"
#include "providers/tools/outside/host_resolver.hpp"
#include "providers/tools/outside/process_runner.hpp"
#include "providers/tools/outside/web_fetch.hpp"
#include "providers/tools/outside/web_search.hpp"
#include "providers/tools/worker_pool.hpp"
#include "providers/turn_log/background_turn_log.hpp"
#include "providers/turn_log/jsonl_turn_log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <sys/resource.h>
#include <thread>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto queued_jobs_max = std::size_t{100'000};  // admission bounds it at 64 calls per run
constexpr auto resolver_threads = std::size_t{4};
constexpr auto resolver_jobs_max = std::size_t{256};
constexpr auto key_bytes_max = std::size_t{64} << 10;
constexpr auto spared_at_once = std::size_t{64};  // as many connections as one wake-up accepts

/// Descriptors are what bounds the runs, so all that we may have are taken.
std::uint64_t raise_descriptor_limit() {
  auto limit = rlimit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return 1'024;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
  static_cast<void>(getrlimit(RLIMIT_NOFILE, &limit));
  return limit.rlim_cur;
}

std::string fresh_ulid() {
  return ulid(utc_now(), random_bytes());
}

std::size_t io_thread_count() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
}

/// Null: there is no key, so nobody is told of the tool.
std::shared_ptr<tool_body> make_search(const web_search_settings& set, http_client& client) {
  const auto engine = search_engine_named(set.provider);
  if (set.api_key.empty() || !engine)
    return nullptr;
  auto options = web_search_options{};
  options.engine = *engine;
  options.api_key = set.api_key.reveal();
  return make_web_search(client, std::move(options));
}

/// Null: the embedded one.
result<std::shared_ptr<embedder>> make_embedder(const embedder_settings& set, http_client& client) {
  if (!set.base_url)
    return std::shared_ptr<embedder>{};
  auto options = http_embedder_options{};
  options.base_url = *set.base_url;
  options.model = set.model.value_or("");
  options.api_key = set.api_key.reveal();
  options.dimension = set.dimension;
  if (set.api_key_file) {
    auto key = read_file(*set.api_key_file, key_bytes_max);
    if (!key)
      return failure{errc::validation_error, "memory.embedder.api_key_file: " + key.error().detail};
    options.api_key = stripped(*key);
  }
  // The client is the assembly's and outlives the engine.
  return make_http_embedder(std::move(options),
                            std::shared_ptr<http_client>{std::shared_ptr<void>{}, &client});
}

/// Null: no files are wanted.
std::shared_ptr<turn_log_writer> make_turn_logs(const turn_log_settings& set, const log_ptr& log) {
  if (!set.dir)
    return nullptr;
  auto options = jsonl_options{};
  options.directory = *set.dir;
  return std::make_shared<background_turn_log>(std::make_unique<jsonl_turn_log>(options), log);
}

bool is_on(std::string_view word) {
  return word == "1" || word == "true" || word == "yes" || word == "on";
}

std::vector<std::pair<std::string, std::string>> labels_of(const tier_table& table) {
  auto out = std::vector<std::pair<std::string, std::string>>{};
  for (const auto& tier : table.tiers) {
    auto& labels = out.emplace_back(tier.name, std::string{}).second;
    for (const auto& member : tier.members)
      labels.append(labels.empty() ? "" : ", ").append(member.label());
  }
  return out;
}

result<std::shared_ptr<journal_store>> open_store(const configuration& config,
                                                  const assembly_options& options) {
  const auto& journal = config.loaded.values.journal;
  if (options.in_memory || journal.store == "memory")
    return std::shared_ptr<journal_store>{make_memory_store()};
  auto wanted = sqlite_settings{};
  wanted.directory = options.data.value_or(config.loaded.values.data);
  wanted.level = journal.durability == "process" ? durability::process : durability::full;
  auto opened = open_sqlite_store(wanted);
  if (!opened)
    return opened.error();
  return std::shared_ptr<journal_store>{std::move(*opened)};
}

model_setup wanted_models(const configuration& config, bool rehearsal) {
  auto models = config.models.setup;
  if (rehearsal)
    add_rehearsal(models, config.catalog, config.loaded.values.timeouts);
  return models;
}

std::vector<engine_tier> engine_tiers(const configuration& config, model_setup& models,
                                      const model_surroundings& around) {
  auto tiers = make_tiers(models, around);
  for (auto& tier : tiers)
    tier.hedges = config.loaded.values.routing.hedging;
  return tiers;
}

bool has_tier(const tier_table& table, std::string_view name) {
  return std::ranges::find(table.tiers, name, &tier_entry::name) != table.tiers.end();
}

failure all_off(const model_setup& models) {
  auto detail = std::string{};
  for (const auto& off : models.off) {
    for (const auto& problem : off.problems)
      detail.append(detail.empty() ? "" : "\n").append(describe(problem));
  }
  return {errc::validation_error, detail.substr(0, 512)};
}

}  // namespace

/// In the order of construction; what stands lower uses what stands above.
struct assembly::parts {
  std::vector<std::unique_ptr<io_thread>> threads;
  std::unique_ptr<http_client> client;
  std::unique_ptr<process_runner> processes;
  std::shared_ptr<worker_pool> pool;
  std::shared_ptr<worker_pool> names;
  std::unique_ptr<host_resolver> resolver;
  std::shared_ptr<journal_store> store;
  tokenizer_ptr counter;
  std::vector<config_notice> notices;
  bool rehearsal = false;
  model_setup models;
  std::uint64_t descriptor_limit = 0;
  descriptor_counts descriptors;
  std::unique_ptr<engine> host;

  [[nodiscard]] model_surroundings around() const {
    return {client.get(), counter, threads.front().get()};
  }
};

assembly::assembly(std::unique_ptr<parts> made) : parts_{std::move(made)} {
}

assembly::~assembly() = default;

result<std::unique_ptr<assembly>> assembly::make(const configuration& config,
                                                 const assembly_options& options) {
  const auto& set = config.loaded.values;
  auto files = options.keeps_personas ? read_persona_folders(set.personas.dirs)
                                      : result<folder_reading>{folder_reading{}};
  if (!files)
    return files.error();
  auto made = std::make_unique<parts>();
  made->descriptor_limit = raise_descriptor_limit();
  made->descriptors = descriptors_at(set.descriptors, made->descriptor_limit);
  for (auto i = std::size_t{0}; i < io_thread_count(); ++i)
    made->threads.push_back(std::make_unique<io_thread>());
  auto client_options = http_client_options{};
  client_options.connections_max = made->descriptors.upstream;
  auto client = make_http_client(made->threads.front()->context(), client_options);
  if (!client)
    return client.error();
  made->client = std::move(*client);
  made->processes = std::make_unique<process_runner>(process_limits{64, made->descriptors.tools});
  made->pool = std::make_shared<worker_pool>(std::max(2u, std::thread::hardware_concurrency()),
                                             queued_jobs_max);
  made->names = std::make_shared<worker_pool>(resolver_threads, resolver_jobs_max);
  made->resolver = make_system_resolver(made->names);

  auto counter = load_tokenizer(config.data.path);
  if (!counter)
    return counter.error();
  made->counter = *counter;
  made->rehearsal = options.rehearsal;
  made->models = wanted_models(config, options.rehearsal);
  const auto had_models = !made->models.table->tiers.empty();
  auto tiers = engine_tiers(config, made->models, made->around());
  if (had_models && tiers.empty())
    return all_off(made->models);
  made->notices = made->models.notices;

  auto host_parts = engine_parts{};
  host_parts.tiers = std::move(tiers);
  host_parts.tools = make_builtin_tools(made->pool, utc_now);
  host_parts.tools.push_back(checked_tool(
    make_web_fetch(*made->client, *made->resolver, made->threads.front()->context(), made->pool),
    made->pool));
  if (auto search = make_search(set.web_search, *made->client))
    host_parts.tools.push_back(checked_tool(std::move(search), made->pool));
  host_parts.memory = std::make_shared<late_memory_keeper>();
  for (auto& tool : make_memory_tools({host_parts.memory, utc_now, fresh_ulid}))
    host_parts.tools.push_back(checked_tool(std::move(tool), made->pool));
  auto own = make_operator_tools(
    set, {made->client.get(), made->processes.get(), made->pool, options.data.value_or(set.data)});
  if (!own)
    return own.error();
  for (auto& tool : *own)
    host_parts.tools.push_back(std::move(tool));

  auto embeds = make_embedder(set.embedder, *made->client);
  if (!embeds)
    return embeds.error();
  host_parts.embeds = std::move(*embeds);
  host_parts.traits = config.catalog.traits();
  host_parts.turn_logs = make_turn_logs(set.turn_log, options.log);

  auto skills = load_skills(set.skills, config.data.path, *counter);
  if (!skills)
    return skills.error();
  host_parts.skills = skills->shelf;
  for (auto& notice : skills->notices)
    made->notices.push_back({true, std::move(notice)});

  auto store = open_store(config, options);
  if (!store)
    return store.error();
  made->store = *store;
  host_parts.store = *store;

  auto host_options = engine_options{};
  host_options.data_files = config.data.path;
  host_options.workspaces =
    options.workspaces.empty()
      ? std::filesystem::path{options.data.value_or(set.data)} / "workspaces"
      : options.workspaces;
  host_options.shares_workspace = options.shares_workspace;
  host_options.adds_safety_constraint = options.adds_safety_constraint;
  host_options.runs_live_max = set.limits.runs_live_max;
  host_options.runs_queued_max = set.limits.runs_queued_max;
  host_options.model_calls_max = set.limits.model_calls_max.value_or(0);
  host_options.model_calls_queued_max = set.limits.model_calls_queued_max;
  host_options.max_steps = set.limits.steps_default;
  host_options.max_tokens = set.limits.tokens_max;
  host_options.max_cost_cents = set.limits.cost_cents_max;
  if (set.limits.deadline)
    host_options.deadline_s = std::chrono::duration<double>(*set.limits.deadline).count();
  host_options.force_frontier = set.routing.force_frontier;
  host_options.router = router_kind_of(set.routing.router).value_or(router_kind::heuristic);
  host_options.shadows_router = set.routing.shadow;
  host_options.retries_refusals = is_on(set.refusal_retry);
  host_options.question_timeout = set.timeouts.question;
  host_options.walk.only_model_wait_max = set.retry.max_wait;
  host_options.edges = made->threads.size();
  for (const auto& thread : made->threads) {
    host_options.lent_threads.push_back([&io = thread->context()](std::function<void()> task) {
      boost::asio::post(io, std::move(task));
    });
  }
  host_options.log = options.log;
  auto host = engine::make(std::move(host_parts), std::move(host_options));
  if (!host)
    return host.error();
  made->host = std::move(*host);
  if (options.keeps_personas && !set.personas.dirs.empty()) {
    auto notices = keep_personas(*made->host, std::move(*files));
    if (!notices)
      return notices.error();
    made->notices.insert(made->notices.end(), notices->begin(), notices->end());
  }
  return std::unique_ptr<assembly>{new assembly{std::move(made)}};
}

engine& assembly::host() {
  return *parts_->host;
}

std::vector<boost::asio::io_context*> assembly::contexts() {
  auto out = std::vector<boost::asio::io_context*>{};
  for (const auto& thread : parts_->threads)
    out.push_back(&thread->context());
  return out;
}

void assembly::spare_descriptors() {
  parts_->client->close_idle(spared_at_once);
}

const descriptor_counts& assembly::descriptors() const {
  return parts_->descriptors;
}

std::uint64_t assembly::descriptor_limit() const {
  return parts_->descriptor_limit;
}

std::vector<std::pair<std::string, std::string>> assembly::models_by_tier() const {
  return labels_of(*parts_->models.table);
}

bool assembly::has_models() const {
  return !parts_->models.table->tiers.empty();
}

const model_setup& assembly::models() const {
  return parts_->models;
}

std::vector<config_problem> assembly::use_models(const configuration& fresh) {
  auto models = wanted_models(fresh, parts_->rehearsal);
  const auto off_before = models.off.size();
  const auto tiers = engine_tiers(fresh, models, parts_->around());
  auto problems = std::vector<config_problem>{};
  for (auto i = off_before; i < models.off.size(); ++i) {
    const auto& off = models.off[i];
    if (tiers.empty() || has_tier(*parts_->models.table, off.tier))
      problems.insert(problems.end(), off.problems.begin(), off.problems.end());
  }
  if (!problems.empty())
    return problems;
  if (const auto used = parts_->host->use_tiers(tiers); !used)
    return {{"", used.error().detail}};
  parts_->models = std::move(models);
  return {};
}

const std::vector<config_notice>& assembly::notices() const {
  return parts_->notices;
}

}  // namespace persona_runtime
