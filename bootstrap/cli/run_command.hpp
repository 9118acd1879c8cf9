#pragma once

#include "bootstrap/settings/configuration.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime::cli {

struct run_options {
  std::string log_level;  // empty: as configured, else errors only
  std::string persona_file;
  std::string task;
  std::optional<std::string> data;  // none: journalled in memory
  std::vector<std::string> answers;
  bool no_questions = false;
  bool json = false;
  std::optional<std::uint32_t> max_steps{};
  std::optional<std::uint64_t> max_tokens{};
  std::optional<double> max_cost_cents{};
  std::optional<double> deadline_s{};
};

/// Carries out one task in this process and shows it. Returns the exit code of contract §1.
int run(const configuration& config, const run_options& options, std::ostream& out,
        std::ostream& err);

}  // namespace persona_runtime::cli
