#include "tests/api/raw_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace persona_runtime {

raw_client::raw_client(const std::string& address, int receive_buffer)
  : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  const auto wait = timeval{5, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  if (receive_buffer > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  const auto colon = address.rfind(':');
  auto at = sockaddr_in{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &at.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot connect to " + address);
  }
}

raw_client::~raw_client() {
  ::close(socket_);
}

void raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return;  // the server has closed; reading tells
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void raw_client::request(const std::string& method, const std::string& target,
                         const std::string& body, const std::string& headers) {
  auto text = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) {
    if (headers.find("Content-Type") == std::string::npos) {
      text.append("Content-Type: application/json\r\n");
    }
    text.append("Content-Length: " + std::to_string(body.size()) + "\r\n");
  }
  send(text.append("\r\n").append(body));
}

void raw_client::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

bool raw_client::receive() {
  auto space = std::array<char, 16384>{};
  const auto count = ::recv(socket_, space.data(), space.size(), 0);
  if (count <= 0)
    return false;
  buffer_.append(space.data(), static_cast<std::size_t>(count));
  return true;
}

raw_answer raw_client::read_answer(bool has_body) {
  auto answer = raw_answer{};
  auto end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive())
      return answer;
  }
  const auto head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  answer.status = static_cast<unsigned>(std::stoul(head.substr(9, 3)));
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    const auto line_end = head.find("\r\n", at);
    const auto colon = head.find(": ", at);
    auto name = head.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    answer.headers[name] = head.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  is_chunked_ = answer.header("transfer-encoding") == "chunked";
  is_complete_ = false;
  decoded_.clear();
  if (has_body && !is_chunked_)
    answer.body = take_body(answer);
  return answer;
}

std::string raw_client::take_body(const raw_answer& answer) {
  const auto length = answer.header("content-length");
  if (length.empty())
    return {};
  const auto size = std::stoul(length);
  while (buffer_.size() < size && receive()) {
  }
  auto body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return body;
}

bool raw_client::decode_chunk() {
  const auto line_end = buffer_.find("\r\n");
  if (line_end == std::string::npos)
    return false;
  const auto size = std::stoul(buffer_.substr(0, line_end), nullptr, 16);
  if (buffer_.size() < line_end + 2 + size + 2)
    return false;
  decoded_.append(buffer_, line_end + 2, size);
  buffer_.erase(0, line_end + 2 + size + 2);
  is_complete_ = size == 0;
  return true;
}

std::string raw_client::read_until(std::string_view marker) {
  while (true) {
    auto& text = is_chunked_ ? decoded_ : buffer_;
    const auto found = text.find(marker);
    if (found != std::string::npos) {
      const auto end = found + marker.size();
      auto taken = text.substr(0, end);
      text.erase(0, end);
      return taken;
    }
    if (is_complete_)
      return std::exchange(text, {});
    if (is_chunked_ && decode_chunk())
      continue;
    if (!receive())
      return std::exchange(text, {});
  }
}

std::string raw_client::read_to_end() {
  return read_until(std::string_view{"\0never\0", 7});
}

bool raw_client::is_closed_by_server() {
  auto space = std::array<char, 4096>{};
  while (true) {
    const auto count = ::recv(socket_, space.data(), space.size(), 0);
    if (count == 0)
      return true;
    if (count < 0)
      return errno == ECONNRESET;
  }
}

}  // namespace persona_runtime
