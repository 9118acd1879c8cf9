#pragma once
// A client that sends what it is told, byte by byte if need be, and reads what comes.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace persona_runtime {

struct raw_answer {
  unsigned status = 0;                         // 0: no answer came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // decoded

  [[nodiscard]] std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// Blocking; nothing waits longer than 5 s.
class raw_client {
public:
  /// `receive_buffer`: bytes of the kernel's buffer; 0: the usual.
  explicit raw_client(const std::string& address, int receive_buffer = 0);
  ~raw_client();
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  void send(std::string_view bytes);
  /// A request with Host, and with Content-Length and -Type when there is a body.
  void request(const std::string& method, const std::string& target, const std::string& body = "",
               const std::string& headers = "");
  /// Closes the sending side.
  void finish_sending();

  /// One answer; the head only when its body is a stream.
  raw_answer read_answer(bool has_body = true);
  raw_answer ask(const std::string& method, const std::string& target, const std::string& body = "",
                 const std::string& headers = "") {
    request(method, target, body, headers);
    return read_answer(method != "HEAD");
  }
  /// Decoded bytes of a stream up to and with `marker`; what came before the end if it never does.
  std::string read_until(std::string_view marker);
  /// Everything up to the end of the stream or of the connection.
  std::string read_to_end();
  /// The server has closed, or closes within 5 s.
  bool is_closed_by_server();
  /// The stream's last chunk came.
  [[nodiscard]] bool is_stream_complete() const { return is_complete_; }

private:
  bool receive();
  bool decode_chunk();
  std::string take_body(const raw_answer& answer);

  int socket_ = -1;
  std::string buffer_;   // as received
  std::string decoded_;  // of a chunked stream
  bool is_chunked_ = false;
  bool is_complete_ = false;
};

[[nodiscard]] inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace persona_runtime
