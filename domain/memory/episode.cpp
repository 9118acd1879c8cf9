#include "domain/memory/episode.hpp"

#include "domain/text/joined.hpp"
#include "domain/text/shorten.hpp"
#include "domain/text/utf8.hpp"

#include <set>

namespace persona_runtime {
namespace {

constexpr auto side_bytes_max = std::size_t{8'000};  // two of them stay within 16 KiB
constexpr auto task_bytes_max = std::size_t{2'000};

std::string kept(const std::string& text, std::size_t bytes_max) {
  return cut(repaired_utf8(text), bytes_max);
}

memory_request change_of_episodes(const memory_scope& talk, memory_change change,
                                  const std::string& writer, instant now) {
  auto request = memory_request{};
  request.place = {talk, memory_store_kind::episodic};
  request.author.source = memory_source::system;
  request.author.written_by = writer;
  request.author.at = now;
  request.change = std::move(change);
  return request;
}

memory_request episode(const memory_scope& talk, memory_draft draft, const std::string& writer,
                       const std::string& ulid, instant now) {
  draft.ulid = ulid;
  draft.created_at = now;
  return change_of_episodes(talk, write_memory{{std::move(draft)}}, writer, now);
}

std::string sorted_names(const std::vector<std::string>& names) {
  return joined(std::set<std::string>{names.begin(), names.end()}, ",");
}

}  // namespace

memory_request turn_episode(const memory_scope& talk, const std::string& user_text,
                            const std::string& answer, const std::string& ulid, instant now) {
  auto draft = memory_draft{};
  draft.text =
    "USER: " + kept(user_text, side_bytes_max) + "\nASSISTANT: " + kept(answer, side_bytes_max);
  draft.metadata = {{"importance", "0.5"}};
  return episode(talk, std::move(draft), "runtime.loop", ulid, now);
}

memory_request forget_episodes(const memory_scope& talk, std::vector<std::string> ids,
                               instant now) {
  return change_of_episodes(talk, remove_memory{std::move(ids)}, "runtime.loop", now);
}

memory_request run_episode(const memory_scope& talk, const run_outcome& outcome,
                           const std::string& ulid, instant now) {
  auto draft = memory_draft{};
  draft.text = "TASK: " + kept(outcome.task, side_bytes_max)
               + "\n\nOUTCOME: " + kept(outcome.output, side_bytes_max);
  draft.metadata = {{"source", "agentic_run"},
                    {"run_id", outcome.run_id},
                    {"task", kept(outcome.task, task_bytes_max)},
                    {"tools_used", kept(sorted_names(outcome.tools_used), task_bytes_max)},
                    {"steps", std::to_string(outcome.steps)},
                    {"status", outcome.status}};
  return episode(talk, std::move(draft), "agentic.run", ulid, now);
}

}  // namespace persona_runtime
