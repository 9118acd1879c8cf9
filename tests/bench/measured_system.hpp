#pragma once
// The server under measurement, the simulated model it calls, and a persona: one of each, started
// for one scenario and gone with it.

#include "tests/bench/http_pool.hpp"
#include "tests/bench/processes.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace persona_runtime::bench {

struct bench_settings {
  std::string scenario = "ten-thousand";
  std::string server;         // path of the persona program
  std::string simulator;      // path of model_simulator
  std::string work = "/tmp";  // a folder for the journal is made in it
  std::string json;           // file that gets the figures; empty: none
  std::size_t runs = 10'000;
  std::size_t viewers = 1'000;
  std::size_t turns = 3;  // of each conversation, one after the other
  std::size_t tokens = 16;
  double rate = 0;  // per second: of turns (soak), of pairs (overhead; 0: half the highest)
  std::size_t background_bytes = 4096;  // of the persona
  bool segment_per_token = false;
  bool always_delivers = false;  // no answer calls a tool
  double ratio_max = 1.2;        // of p99 to the ideal time of a run
  std::chrono::milliseconds delay{5'000};
  std::chrono::milliseconds token_gap{0};
  std::chrono::milliseconds arrivals{5'000};
  std::chrono::seconds settle{60};                        // idle: before anything is measured
  std::chrono::seconds window{10};                        // throughput: of one row
  std::vector<std::size_t> in_flight{1, 64, 512, 5'000};  // throughput: the rows
};

/// One run of a list. Times are milliseconds since 1970.
struct listed_run {
  std::string id;
  std::string status;
  std::int64_t started_ms = 0;
  std::int64_t finished_ms = 0;
};

class measured_system {
public:
  explicit measured_system(const bench_settings& settings);
  ~measured_system();
  measured_system(const measured_system&) = delete;
  measured_system& operator=(const measured_system&) = delete;

  /// Why it cannot be measured; empty when it can.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t simulator_port() const { return simulator_port_; }
  [[nodiscard]] process_reading server() const { return server_->now(); }
  [[nodiscard]] pid_t server_pid() const { return server_->pid(); }
  [[nodiscard]] process_reading simulator() const { return simulator_->now(); }
  [[nodiscard]] bool is_server_alive() const { return server_->is_alive(); }
  /// Where the server's own words went.
  [[nodiscard]] std::string log() const { return (folder_ / "server.log").string(); }

  /// A request that starts a run; `query` begins with `?` or is empty.
  [[nodiscard]] std::string run_request(std::size_t number, std::string_view query = {}) const;
  /// A request for a streamed completion that leaves no trace.
  [[nodiscard]] std::string completion_request(std::size_t number) const;
  /// A request that makes a conversation, with the persona or with that one.
  [[nodiscard]] std::string talk_request() const { return talk_request(persona_); }
  [[nodiscard]] std::string talk_request(std::string_view persona) const;
  /// One more like the first. Empty when the server did not want it; problem() says why.
  std::string add_persona(const bench_settings& settings);
  /// A gauge or counter of the server; negative when it did not answer.
  double metric(std::string_view name);
  /// A figure of the simulator; negative when it did not answer.
  double simulated(std::string_view name);
  /// All runs with that status, by paging. Null when a page could not be had.
  std::optional<std::vector<listed_run>> list(std::string_view status);
  /// Requests to the simulator as they were recorded; empty when they were not all.
  std::vector<std::string> recorded();
  /// The one to which the answer that delivers was given; empty when there was none.
  std::string recorded_last();
  /// The folder with logs and journal stays.
  void keep_folder() { is_kept_ = true; }
  /// True when the server left in an orderly way.
  bool end_server();

private:
  bool start_simulator(const bench_settings& settings);
  bool start_server(const bench_settings& settings);
  std::string get(http_pool& from, std::string_view target);

  std::filesystem::path folder_;
  bool is_kept_ = false;
  std::string problem_;
  std::string persona_;
  std::uint16_t port_ = 0;
  std::uint16_t simulator_port_ = 0;
  std::unique_ptr<served_program> simulator_;
  std::unique_ptr<served_program> server_;
  std::unique_ptr<http_pool> to_server_;
  std::unique_ptr<http_pool> to_simulator_;
};

/// The text of `"id":"…"` in JSON of the server; empty when there is none.
std::string id_in(std::string_view json);

}  // namespace persona_runtime::bench
