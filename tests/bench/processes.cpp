#include "tests/bench/processes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace persona_runtime::bench {
namespace {

using namespace std::chrono_literals;

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

std::string text_of(const std::string& path) {
  auto in = std::ifstream{path};
  auto out = std::stringstream{};
  out << in.rdbuf();
  return out.str();
}

double field_of(std::string_view status, std::string_view name) {
  const auto at = status.find(name);
  if (at == std::string_view::npos)
    return 0;
  return std::strtod(status.data() + at + name.size(), nullptr);
}

double processor_s_of(const std::string& stat) {
  // Fields 14 and 15; the second is the program's name, which may hold blanks.
  auto in = std::istringstream{stat.substr(std::min(stat.rfind(')') + 1, stat.size()))};
  auto word = std::string{};
  for (auto field = 3; field < 14; ++field)
    in >> word;
  auto user = 0.0;
  auto system = 0.0;
  in >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::vector<std::string> environment_with(const std::vector<std::string>& extra) {
  auto out = std::vector<std::string>{};
  for (auto** at = environ; *at != nullptr; ++at)
    if (!std::string_view{*at}.starts_with("PERSONA_"))
      out.emplace_back(*at);
  out.insert(out.end(), extra.begin(), extra.end());
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  auto out = std::vector<char*>{};
  for (auto& text : texts)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::optional<std::uint16_t> port_in(const std::string& said) {
  constexpr auto words = std::string_view{"listening on http://"};
  const auto line = said.find(words);
  const auto end = said.find('\n', line);
  if (line == std::string::npos || end == std::string::npos)
    return std::nullopt;
  auto port = std::uint16_t{0};
  const auto digits = said.rfind(':', end) + 1;
  std::from_chars(said.data() + digits, said.data() + end, port);
  return port;
}

}  // namespace

process_reading read_process(pid_t pid) {
  const auto folder = "/proc/" + std::to_string(pid);
  const auto status = text_of(folder + "/status");
  auto now = process_reading{};
  now.processor_s = processor_s_of(text_of(folder + "/stat"));
  now.anonymous_kib = field_of(status, "RssAnon:");
  now.resident_kib = field_of(status, "VmRSS:");
  now.threads = static_cast<std::size_t>(field_of(status, "Threads:"));
  return now;
}

std::size_t descriptors_of(pid_t pid) {
  const auto folder = "/proc/" + std::to_string(pid) + "/fd";
  auto error = std::error_code{};
  auto count = std::size_t{0};
  for (auto at = std::filesystem::directory_iterator{folder, error};
       !error && at != std::filesystem::directory_iterator{}; at.increment(error))
    ++count;
  return count;
}

double own_processor_s() {
  auto used = rusage{};
  ::getrusage(RUSAGE_THREAD, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

served_program::served_program(const launch& what) {
  auto ends = std::array<int, 2>{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return;
  auto command = what.command;
  auto variables = environment_with(what.variables);
  const auto arguments = pointers_to(command);
  const auto environment = pointers_to(variables);
  out_ = owned_fd{ends[0]};
  const auto in = owned_fd{ends[1]};
  const auto log =
    owned_fd{::open(what.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(in.get(), STDOUT_FILENO);
    if (log.is_open())
      ::dup2(log.get(), STDERR_FILENO);
    ::execve(arguments[0], arguments.data(), environment.data());
    ::_exit(127);
  }
}

served_program::~served_program() {
  end(10s);
}

std::optional<std::uint16_t> served_program::port(std::chrono::seconds wait_max) {
  auto said = std::string{};
  const auto due = bench_clock::now() + wait_max;
  while (bench_clock::now() < due) {
    auto entry = pollfd{out_.get(), POLLIN, 0};
    if (::poll(&entry, 1, 100) <= 0)
      continue;
    auto room = std::array<char, 512>{};
    const auto count = ::read(out_.get(), room.data(), room.size());
    if (count <= 0)
      return std::nullopt;
    said.append(room.data(), static_cast<std::size_t>(count));
    if (const auto port = port_in(said))
      return port;
  }
  return std::nullopt;
}

bool served_program::is_alive() const {
  auto ended = siginfo_t{};
  const auto asked = ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
  return pid_ > 0 && asked == 0 && ended.si_pid == 0;
}

bool served_program::end(std::chrono::seconds wait_max) {
  if (pid_ <= 0)
    return false;
  ::kill(pid_, SIGTERM);
  const auto due = bench_clock::now() + wait_max;
  auto status = 0;
  auto ended = ::waitpid(pid_, &status, WNOHANG);
  while (ended == 0 && bench_clock::now() < due) {
    ::poll(nullptr, 0, 20);
    ended = ::waitpid(pid_, &status, WNOHANG);
  }
  if (ended == 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  pid_ = -1;
  return ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace persona_runtime::bench
