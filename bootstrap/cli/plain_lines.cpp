#include "bootstrap/cli/line_source.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace persona_runtime::cli {
namespace {

constexpr auto look_every_ms = 100;

class plain_lines final : public line_source {
public:
  plain_lines(int descriptor, std::function<bool()> interrupted)
    : descriptor_{descriptor}, interrupted_{std::move(interrupted)} {}

  answer read(const std::string&) override {
    while (true) {
      if (const auto end = held_.find('\n', looked_); end != std::string::npos)
        return {kind::line, take(end)};
      looked_ = held_.size();
      if (at_end_)
        return held_.empty() ? answer{} : answer{kind::line, take(held_.size())};
      if (!wait())
        return {kind::interrupted};
      fill();
    }
  }

private:
  /// False: interrupted.
  bool wait() {
    auto ready = pollfd{descriptor_, POLLIN, 0};
    while (::poll(&ready, 1, look_every_ms) <= 0) {
      if (interrupted_ && interrupted_())
        return false;
    }
    return true;
  }

  void fill() {
    char bytes[4'096];
    const auto got = ::read(descriptor_, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR)
      return;
    if (got <= 0) {
      at_end_ = true;
      return;
    }
    held_.append(bytes, static_cast<std::size_t>(got));
    // A line without end must not fill the memory.
    const auto last = held_.rfind('\n');
    const auto begun = last == std::string::npos ? 0 : last + 1;
    if (held_.size() - begun > typed_bytes_max)
      held_.resize(begun + typed_bytes_max);
    looked_ = std::min(looked_, held_.size());
  }

  std::string take(std::size_t end) {
    auto line = held_.substr(0, end);
    held_.erase(0, end + 1);
    looked_ = 0;
    if (line.ends_with('\r'))
      line.pop_back();
    return line;
  }

  int descriptor_;
  std::function<bool()> interrupted_;
  std::string held_;  // read, not yet asked for
  std::size_t looked_ = 0;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<line_source> make_plain_lines(int descriptor, std::function<bool()> interrupted) {
  return std::make_unique<plain_lines>(descriptor, std::move(interrupted));
}

}  // namespace persona_runtime::cli
