#pragma once
// Everything that a process of ours consists of, made from its configuration in order of
// construction and taken apart in reverse.

#include "bootstrap/engine.hpp"
#include "bootstrap/settings/configuration.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace persona_runtime {

struct assembly_options {
  bool rehearsal = false;            // plays every tier that has no model with the stand-in
  std::optional<std::string> data;   // directory of the journal; none: settings.data
  bool in_memory = false;            // no journal on disk
  std::filesystem::path workspaces;  // of file tools; empty: DATA/workspaces
  bool shares_workspace = false;
  bool adds_safety_constraint = true;
  log_ptr log = quiet_log();
  bool keeps_personas = false;  // loads the folders of settings.personas
};

/// The running parts. Destroying it stops them: engine first, sockets last.
class assembly {
public:
  /// Opens the store, starts the threads. Fails with validation_error or journal_unavailable: a
  /// text that says what to do.
  [[nodiscard]] static result<std::unique_ptr<assembly>> make(const configuration& config,
                                                              const assembly_options& options);
  ~assembly();
  assembly(const assembly&) = delete;
  assembly& operator=(const assembly&) = delete;

  [[nodiscard]] engine& host();
  /// One per I/O thread.
  [[nodiscard]] std::vector<boost::asio::io_context*> contexts();
  /// Closes idle connections to models and tools: somebody else needs descriptors. Returns at
  /// once; any thread.
  void spare_descriptors();
  /// What each kind may use of the process's descriptors, and their number.
  [[nodiscard]] const descriptor_counts& descriptors() const;
  [[nodiscard]] std::uint64_t descriptor_limit() const;
  /// What the tiers are now.
  [[nodiscard]] const model_setup& models() const;
  /// From here on the models are those of `fresh`; the rest of it is not looked at. Returns what is
  /// wrong with it: then nothing has changed. Thread: that of the other functions.
  [[nodiscard]] std::vector<config_problem> use_models(const configuration& fresh);
  /// "frontier", "openai/gpt-4o, groq/…", in the order of configuration.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> models_by_tier() const;
  /// False: no model is configured, so no run can start.
  [[nodiscard]] bool has_models() const;
  /// Lines for the log of the start.
  [[nodiscard]] const std::vector<config_notice>& notices() const;

private:
  struct parts;
  explicit assembly(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

}  // namespace persona_runtime
