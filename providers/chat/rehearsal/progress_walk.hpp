#pragma once
// The walk over a plan's goals. For sources of this folder only.

#include "providers/chat/rehearsal/progress.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace persona_runtime::rehearsal {

/// One pass over the goals: what each has by now, and the calls that would take it further.
class goal_walk {
public:
  goal_walk(const plan& p, const std::set<std::string, std::less<>>& offered,
            const tool_outcomes& outcomes)
    : plan_{p}, offered_{offered}, outcomes_{outcomes} {
    progress_.goals.resize(p.goals.size());
  }
  progress run();

private:
  goal_state& state() { return progress_.goals[index_]; }
  void advance(const goal& g);
  [[nodiscard]] std::string say(std::string_view english, std::string_view norwegian) const;
  void done(std::string line, std::string value);
  void fail(std::string_view why);
  /// The result of this goal's call `stage`, or nothing while it is not there: then the call is
  /// put on the list, or the goal fails when the tool is not offered.
  std::optional<std::string> ask(std::string_view stage, std::string_view tool,
                                 boost::json::object arguments);
  /// `expression` with the results of other goals put in. Nothing when one is not there.
  std::optional<std::string> filled(std::string expression);
  void calculate(const goal& g);
  /// The day as YYYY-MM-DD, from the datetime tool where the task does not give it itself.
  std::optional<std::string> day(const day_source& d, const std::string& stage);
  /// Whole days from one to the other.
  std::optional<std::string> days(std::string_view from, std::string_view to);
  void weekday(const goal& g);
  void date(const goal& g);
  void days_between(const goal& g);
  void clock(const goal& g);
  void convert_time(const goal& g);
  /// The sum of `numbers`, in as many calls as it takes.
  std::optional<std::string> sum_of(std::vector<std::string> numbers);
  void aggregate(const goal& g);
  [[nodiscard]] std::string name_of(std::string_view pattern) const;
  /// False, and the goal failed: what was left out would be lost or miscounted.
  bool is_read_whole(const std::string& content);
  std::optional<std::string> text_of(const text_source& source, std::string_view stage);
  void show_file(const goal& g);
  static std::string shown(const std::string& content);
  void search(const goal& g);
  void compare(const goal& g);
  /// What the file holds, with a line end; empty when there is none yet.
  std::optional<std::string> content_before(const goal& g);
  void write(const goal& g);

  const plan& plan_;
  const std::set<std::string, std::less<>>& offered_;
  const tool_outcomes& outcomes_;
  progress progress_;
  std::size_t index_ = 0;
};

}  // namespace persona_runtime::rehearsal
