#include "bootstrap/cli/chat_view.hpp"

#include "bootstrap/cli/figures.hpp"
#include "bootstrap/cli/json_fields.hpp"
#include "bootstrap/cli/terminal_colours.hpp"
#include "bootstrap/cli/terminal_text.hpp"

#include <algorithm>
#include <ostream>

namespace persona_runtime::cli {
namespace {

constexpr auto stores_max = std::size_t{16};

std::uint64_t count_at(const json::object& in, std::string_view key) {
  const auto number = number_at(in, key);
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

}  // namespace

chat_view::chat_view(std::ostream& out, chat_style style) : out_{out}, style_{style} {
  style_.width = std::max(style_.width, 40);
}

void chat_view::begin_turn(std::string_view speaker) {
  state_ = turn_state::running;
  question_.reset();
  recalled_.clear();
  degraded_.clear();
  line(std::string{safe_line(speaker)} + ':', sgr::bold);
}

void chat_view::on_frame(std::string_view name, std::string_view data_json) {
  const auto data = object_of(data_json).value_or(json::object{});
  if (name == "chunk") {
    print_text(text_at(data, "delta"));
  } else if (name == "memory_recall") {
    if (recalled_.size() < stores_max)
      recalled_.emplace_back(safe_line(text_at(data, "store")), count_at(data, "count"));
    if (flag_at(data, "degraded"))
      degraded_ = safe_line(text_at(data, "reason"));
  } else if (name == "tool_calling") {
    print_calls(data_json);
  } else if (name == "tool_result") {
    print_result(data_json);
  } else if (name == "memory_changed") {
    note(std::string{text_at(data, "action")} + ": " + std::string{text_at(data, "text")});
  } else if (name == "fell_over") {
    note("the model " + std::string{text_at(data, "from")} + " failed; "
         + std::string{text_at(data, "to")} + " goes on");
  } else if (name == "asking_user") {
    question_ = question_of(R"({"type":"asking_user","data":)" + std::string{data_json} + '}');
  } else if (name == "done") {
    on_done(data_json);
  } else if (name == "cancelled") {
    state_ = turn_state::cancelled;
    note("cancelled");
  } else if (name == "error") {
    print_failure(data_json);
  }
}

void chat_view::end_turn() {
  close_line();
  out_ << std::flush;
}

void chat_view::note(std::string_view text) {
  close_line();
  line(std::string{"("} + safe_line(text) + ')', sgr::dim);
}

void chat_view::print(std::string_view text) {
  close_line();
  line(safe_text(text), {});
}

void chat_view::show_message(std::string_view speaker, std::string_view text) {
  close_line();
  line(std::string{safe_line(speaker)} + ':', sgr::bold);
  out_ << safe_text(text) << '\n' << std::flush;
}

void chat_view::print_memory() {
  if (recalled_.empty()) {
    print("nothing has been recalled yet");
    return;
  }
  print("recalled for the last message:");
  for (const auto& [store, count] : recalled_)
    print("  " + store + ": " + std::to_string(count));
  if (!degraded_.empty())
    print("  not all of the memory could be asked: " + degraded_);
}

void chat_view::print_tier() {
  print(tier_.empty() ? "no turn yet" : "the last answer came from the tier " + tier_);
}

void chat_view::print_tokens() {
  print("here: " + count_of(static_cast<double>(turns_), "turn") + ", "
        + figure(static_cast<double>(prompt_tokens_)) + " tokens read, "
        + figure(static_cast<double>(completion_tokens_)) + " written");
}

void chat_view::print_text(std::string_view delta) {
  if (delta.empty())
    return;
  out_ << safe_text(delta) << std::flush;
  is_open_ = delta.back() != '\n';
}

void chat_view::print_calls(std::string_view data_json) {
  close_line();
  const auto data = object_of(data_json).value_or(json::object{});
  const auto* calls = list_at(data, "tool_calls");
  for (auto i = std::size_t{0}; calls != nullptr && i < calls->size(); ++i) {
    const auto* call = (*calls)[i].if_object();
    if (call == nullptr)
      continue;
    const auto* args = call->if_contains("args");
    const auto text = std::string{text_at(*call, "name")} + ' '
                      + (args == nullptr ? std::string{} : json::serialize(*args));
    line("  > " + cut_to_columns(safe_line(text), static_cast<std::size_t>(style_.width) - 4),
         sgr::dim);
  }
}

void chat_view::print_result(std::string_view data_json) {
  const auto data = object_of(data_json).value_or(json::object{});
  const auto text =
    std::string{text_at(data, "tool_name")} + ": " + std::string{text_at(data, "content")};
  close_line();
  line("  < " + cut_to_columns(safe_line(text), static_cast<std::size_t>(style_.width) - 4),
       flag_at(data, "is_error") ? sgr::red : sgr::dim);
}

void chat_view::print_failure(std::string_view data_json) {
  const auto data = object_of(data_json).value_or(json::object{});
  state_ = turn_state::failed;
  has_failed_ = true;
  close_line();
  line("the turn failed: " + safe_line(text_at(data, "message")), sgr::red);
}

void chat_view::on_done(std::string_view data_json) {
  const auto data = object_of(data_json).value_or(json::object{});
  state_ = turn_state::done;
  close_line();
  tier_ = safe_line(text_at(data, "tier"));
  ++turns_;
  if (const auto* usage = object_at(data, "usage")) {
    prompt_tokens_ += count_at(*usage, "prompt_tokens");
    completion_tokens_ += count_at(*usage, "completion_tokens");
  }
}

void chat_view::line(std::string_view text, std::string_view code) {
  if (style_.colour && !code.empty())
    out_ << "\x1b[" << code << 'm' << text << "\x1b[0m\n" << std::flush;
  else
    out_ << text << '\n' << std::flush;
}

void chat_view::close_line() {
  if (std::exchange(is_open_, false))
    out_ << '\n';
}

}  // namespace persona_runtime::cli
