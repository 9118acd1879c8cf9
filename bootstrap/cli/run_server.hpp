#pragma once
// The server that `persona runs` talks to: its address, the key, and its errors in words.

#include "bootstrap/cli/exit_codes.hpp"
#include "bootstrap/cli/http_call.hpp"
#include "bootstrap/cli/runs_command.hpp"

#include <optional>

namespace persona_runtime::cli {

/// One command's line to the server. Says on `err` what goes wrong, once, as one line.
class run_server {
public:
  /// `command`: how the line on `err` begins ("persona runs show"). Reads the key file. No value
  /// when the options cannot be meant; `err` says which.
  [[nodiscard]] static std::optional<run_server> open(const runs_options& options,
                                                      std::string_view command, std::ostream& err);

  /// A request to `path`, with the key. A body is JSON.
  [[nodiscard]] http_request request(std::string_view method, std::string_view path,
                                     std::string body = {}) const;
  [[nodiscard]] http_reply call(http_request request, const http_listener* listener = nullptr);

  /// The body when the answer is a 2xx; else none, `err` has been told and `code` is the exit
  /// code.
  [[nodiscard]] std::optional<std::string> body_of(http_request request, int& code);

  /// The same for callers that say themselves what went wrong: the failure's text is what `err`
  /// would have been told; it says how long to wait when too much was asked in one minute.
  [[nodiscard]] result<std::string> try_body(http_request request);

  /// Says what is wrong with this answer and what to do; returns the exit code.
  int explain(const http_reply& reply) const;
  int complain(std::string_view text, int code) const;

private:
  run_server(const runs_options& options, std::string_view command, std::ostream& err);
  bool take_key(const std::string& file);
  bool take_server();
  [[nodiscard]] std::string fault_of(const http_reply& reply) const;

  std::string command_;
  std::string server_;  // without a '/' at its end
  std::string key_;
  const std::atomic<bool>* stop_;
  std::ostream* err_;
  std::unique_ptr<http_caller> http_;
};

/// Makes a request one for a stream of events, which may last; how long in all is for the caller.
void listen_for_events(http_request& request);

/// A path segment or the value of a parameter with everything percent-encoded that may not stand
/// there as it is.
[[nodiscard]] std::string escaped(std::string_view text);

/// True for what can be the id of a run: 1 to 96 letters, digits, '_' and '-'.
[[nodiscard]] bool is_run_id(std::string_view id);

}  // namespace persona_runtime::cli
