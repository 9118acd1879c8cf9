#include "bootstrap/cli/reload.hpp"

#include "bootstrap/settings/reload_rules.hpp"
#include "domain/text/json_text.hpp"

#include <utility>

namespace persona_runtime::cli {
namespace {

void append_text(std::string& out, const std::string& text) {
  append_json_string(out, text);
}

void append_problem(std::string& out, const config_problem& problem) {
  auto o = json_writer{out};
  o.text("type", problem.error.empty() ? "configuration" : problem.error);
  append_json_list(o.key("loc"), std::vector{problem.where}, append_text);
  o.text("msg", describe(problem));
  if (!problem.tier.empty())
    o.text("tier", problem.tier);
  o.close();
}

reload_answer refused(const std::vector<config_problem>& problems, log_sink& log) {
  for (const auto& problem : problems)
    log.write(log_level::error, "config", "not reloaded: " + describe(problem), {});
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("error", "validation_error");
  append_json_list(o.key("detail"), problems, append_problem);
  o.raw("context", "{}").close();
  return {false, std::move(out)};
}

void append_tier(std::string& out, const tier_entry& tier) {
  auto o = json_writer{out};
  o.text("tier", tier.name);
  append_json_list(o.key("models"), tier.members, [](std::string& to, const model_entry& member) {
    append_json_string(to, member.label());
  });
  o.close();
}

void append_off(std::string& out, const tier_off& off) {
  auto o = json_writer{out};
  o.text("tier", off.tier);
  append_json_list(o.key("problems"), off.problems, append_problem);
  o.close();
}

}  // namespace

reloader::reloader(const configuration& started, assembly& parts, log_ptr log)
  : started_{started}, parts_{parts}, log_{std::move(log)} {
}

void reloader::ask(std::function<void(reload_answer)> done, const std::function<void()>& wake) {
  {
    const auto lock = std::lock_guard{mutex_};
    asked_.push_back(std::move(done));
  }
  wake();
}

void reloader::carry_out() {
  const auto asked = [this] {
    const auto lock = std::lock_guard{mutex_};
    return std::exchange(asked_, {});
  }();
  const auto answer = reload();
  for (const auto& done : asked)
    done(answer);
}

reload_answer reloader::reload() {
  const auto fresh = load_configuration(started_.request);
  if (!fresh)
    return refused({{"", fresh.error().detail}}, *log_);
  if (const auto problems = against_reload(parts_.models(), *fresh); !problems.empty())
    return refused(problems, *log_);
  if (const auto problems = parts_.use_models(*fresh); !problems.empty())
    return refused(problems, *log_);
  const auto& setup = parts_.models();
  const auto waiting = needing_restart(started_.loaded, fresh->loaded);
  log_->write(log_level::info, "config", "reloaded", {{"file", fresh->file}});
  for (const auto& [tier, models] : parts_.models_by_tier())
    log_->write(log_level::info, "models", "tier configured", {{"tier", tier}, {"models", models}});
  for (const auto& notice : setup.notices)
    log_->write(notice.is_warning ? log_level::warning : log_level::info, "config", notice.text,
                {});
  for (const auto& key : waiting)
    log_->write(log_level::warning, "config", "a change takes a restart", {{"key", key}});
  auto out = std::string{};
  auto o = json_writer{out};
  o.text("status", "reloaded");
  append_json_list(o.key("tiers"), setup.table->tiers, append_tier);
  append_json_list(o.key("off"), setup.off, append_off);
  append_json_list(o.key("needs_restart"), waiting, append_text);
  o.close();
  return {true, std::move(out)};
}

}  // namespace persona_runtime::cli
