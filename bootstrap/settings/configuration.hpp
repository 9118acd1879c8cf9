#pragma once
// All that is configured, read once at the start of every command that needs it.

#include "bootstrap/data_files.hpp"
#include "bootstrap/settings/build_models.hpp"
#include "bootstrap/settings/load_settings.hpp"
#include "domain/failure.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace persona_runtime {

struct configuration_request {
  std::optional<std::string> file;  // --config; none: runtime.yaml among the data files, if any
  environment env;
  std::filesystem::path program;  // the running program; see running_program()
};

struct configuration {
  configuration_request request;  // what it was read for; reading it again is done with the same
  data_folder data;
  std::string file;  // the file that was read; empty: there is none
  loaded_settings loaded;
  model_catalog catalog;
  built_models models;

  /// Everything that stops the start, file first.
  [[nodiscard]] std::vector<config_problem> problems() const;
};

/// Reads files. Fails (validation_error) when the data files are not found, a named file cannot be
/// read or is larger than 1 MiB, or the table of models is broken; what is wrong inside the
/// configuration is in problems() instead.
[[nodiscard]] result<configuration> load_configuration(const configuration_request& request);

/// A copy of `environ`; entries without '=' are left out.
[[nodiscard]] environment environment_of(const char* const* block);

/// Absolute path of the running program; empty when the system does not tell.
[[nodiscard]] std::filesystem::path running_program();

}  // namespace persona_runtime
