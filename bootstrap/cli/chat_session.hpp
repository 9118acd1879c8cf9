#pragma once
// One chat with a persona of a server: lines in, turns out (contract §1, §6 "Chat").

#include "bootstrap/cli/chat_view.hpp"
#include "bootstrap/cli/line_source.hpp"
#include "bootstrap/cli/run_server.hpp"

#include <functional>
#include <optional>
#include <string>

namespace persona_runtime::cli {

struct chat_place {
  std::string persona;       // id; empty: the conversation's
  std::string conversation;  // id; empty: a new one, made with the first message
};

/// What the terminal has to do with a chat.
struct chat_terminal {
  line_source& lines;
  chat_view& view;
  /// True once for every Ctrl-C since it was asked last; called often, on the chat's thread.
  std::function<bool()> interrupted;
  bool is_interactive = true;
  std::chrono::milliseconds retry_wait{250};  // after a broken stream; doubles
};

/// Blocks until the talk ends: an empty line, /quit, or the end of the lines. Ctrl-C cancels the
/// turn under way; a second one while it ends stops watching it, and it goes on at the server. Two
/// lines to the server, because a turn is cancelled while it is being read. Returns the exit code:
/// 0; 1 when it could not begin, or (unless interactive) when a turn failed or was refused; 130
/// when interrupted outside of a turn (unless interactive).
class chat_session {
public:
  chat_session(run_server& talk, run_server& aside, chat_place where, chat_terminal terminal);

  int run();

private:
  bool begin();
  bool take_up();
  bool make_conversation();
  int obey(std::string_view command);
  void say(std::string text);
  void say_again();
  void watch_from_here();
  void follow(http_request request);
  [[nodiscard]] http_request stream(std::string_view method, std::string_view path,
                                    std::string body = {}) const;
  bool listen(http_request request);
  bool is_to_go_on();
  void rejoin();
  void show_what_is_kept();
  void cancel();
  void show_tools();
  void show_cost();
  void show_help();
  [[nodiscard]] std::string path(std::string_view rest = {}) const;

  run_server& talk_;
  run_server& aside_;
  chat_place where_;
  chat_terminal terminal_;
  std::string name_;         // of the persona
  std::string document_;     // its YAML
  std::string last_id_;      // of the frames of this turn
  unsigned interrupts_ = 0;  // during this turn
  http_reply reply_;         // of the stream
  int code_ = 0;
};

}  // namespace persona_runtime::cli
