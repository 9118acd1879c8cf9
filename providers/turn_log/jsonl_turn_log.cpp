#include "providers/turn_log/jsonl_turn_log.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace persona_runtime {
namespace {

constexpr auto hex_digits = std::string_view{"0123456789ABCDEF"};

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
         || c == '-';
}

/// FNV-1a, twice with different seeds: not against attackers, who could only mix up their own
/// logs, but long enough for chance.
std::string hash_of(std::string_view text) {
  auto out = std::string{};
  for (auto hash : {std::uint64_t{0xcbf29ce484222325}, std::uint64_t{0x9ae16a3b2f90404f}}) {
    for (const auto c : text) {
      hash ^= static_cast<unsigned char>(c);
      hash *= 0x100000001b3;
    }
    for (auto shift = 60; shift >= 0; shift -= 4)
      out += hex_digits[(hash >> shift) & 0xF];
  }
  return out;
}

class open_file {
public:
  explicit open_file(const std::filesystem::path& path)
    : descriptor_{::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                         S_IRUSR | S_IWUSR)} {}
  ~open_file() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }

private:
  int descriptor_;
};

std::string problem_with(const std::filesystem::path& path, std::string_view what, int error) {
  return std::string{what} + " " + path.string() + ": " + std::strerror(error);
}

}  // namespace

std::string turn_log_name(std::string_view conversation_id) {
  constexpr auto whole_max = std::size_t{120};
  constexpr auto begin_max = std::size_t{80};
  auto out = std::string{};
  for (const auto c : conversation_id) {
    if (is_plain(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', hex_digits[byte >> 4], hex_digits[byte & 0xF]};
  }
  if (out.empty())
    return "%";
  if (out.size() > whole_max)
    out = out.substr(0, begin_max) + '%' + '-' + hash_of(conversation_id);
  return out;
}

jsonl_turn_log::jsonl_turn_log(jsonl_options options) : options_{std::move(options)} {
}

void jsonl_turn_log::write(const turn_log& log) {
  auto line = std::string{};
  append_turn_log(line, log);
  line += '\n';
  const auto lock = std::lock_guard{mutex_};
  auto problem = append(turn_log_name(log.conversation_id), line);
  if (problem.empty()) {
    ++report_.written;
    return;
  }
  ++report_.dropped;
  report_.last_problem = std::move(problem);
}

jsonl_report jsonl_turn_log::report() const {
  const auto lock = std::lock_guard{mutex_};
  return report_;
}

std::filesystem::path jsonl_turn_log::file(const std::string& name, std::uint32_t age) const {
  return options_.directory / (name + (age == 0 ? "" : '.' + std::to_string(age)) + ".jsonl");
}

/// A failure on the way leaves the current file as it is: it grows, and nothing is lost.
void jsonl_turn_log::make_room(const std::string& name, std::uint64_t bytes) const {
  auto error = std::error_code{};
  const auto size = std::filesystem::file_size(file(name, 0), error);
  if (error || size == 0 || size + bytes <= options_.file_bytes_max)
    return;
  if (options_.older_files_max == 0) {
    std::filesystem::remove(file(name, 0), error);
    return;
  }
  for (auto age = options_.older_files_max; age > 0; --age)
    std::filesystem::rename(file(name, age - 1), file(name, age), error);
}

/// What went wrong; empty: nothing.
std::string jsonl_turn_log::append(const std::string& name, const std::string& line) {
  auto error = std::error_code{};
  std::filesystem::create_directories(options_.directory, error);
  if (error)
    return problem_with(options_.directory, "cannot make the directory", error.value());
  make_room(name, line.size());
  const auto path = file(name, 0);
  const auto out = open_file{path};
  if (out.descriptor() < 0)
    return problem_with(path, "cannot open", errno);
  const auto before = ::lseek(out.descriptor(), 0, SEEK_END);
  const auto written = ::write(out.descriptor(), line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size()))
    return {};
  const auto reason = written < 0 ? errno : ENOSPC;
  if (written > 0 && ::ftruncate(out.descriptor(), before) != 0)
    return problem_with(path, "cannot take half a line back from", errno);
  return problem_with(path, "cannot write to", reason);
}

}  // namespace persona_runtime
