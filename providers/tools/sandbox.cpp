#include "providers/tools/sandbox.hpp"

#include <climits>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <filesystem>
#include <linux/openat2.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace persona_runtime {
namespace {

constexpr int links_max = 40;  // as the kernel's own limit
constexpr std::size_t depth_max = 256;

/// The path without any link, of a root that exists; empty otherwise.
std::string real_path(const std::string& root) {
  const auto real =
    std::unique_ptr<char, decltype(&std::free)>{::realpath(root.c_str(), nullptr), &std::free};
  return real ? std::string{real.get()} : std::string{};
}

std::vector<std::string> names_in(std::string_view path) {
  auto names = std::vector<std::string>{};
  while (!path.empty()) {
    const auto slash = path.find('/');
    if (slash != 0 && path.substr(0, slash) != ".")
      names.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return names;
}

std::optional<std::string> link_target(const unique_fd& directory, const std::string& name) {
  auto buffer = std::array<char, PATH_MAX>{};
  const auto size = ::readlinkat(directory.get(), name.c_str(), buffer.data(), buffer.size());
  if (size < 0)
    return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

/// One walk. `open_` are the directories from the root to where we are: ".." goes back along them
/// and so can never pass the root, even if somebody moves a directory meanwhile.
class walker {
public:
  walker(std::string root, std::string_view requested, walk_options options)
    : root_{std::move(root)}, requested_{requested}, options_{options} {}

  located walk(const path_names& names) {
    left_.assign(names.begin(), names.end());
    open_.emplace_back(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!open_.back())
      return file_problem{errno, requested_};
    while (true) {
      const auto name = left_.front();
      left_.pop_front();
      if (name == "..") {
        if (open_.size() == 1)
          return violation(path_reason::escape, requested_, "above the sandbox root");
        open_.pop_back();
        if (left_.empty())
          return file_problem{EISDIR, requested_};
        continue;
      }
      if (const auto target = link_target(open_.back(), name)) {
        if (auto refused = follow(*target))
          return std::move(*refused);
        continue;
      }
      if (left_.empty())
        return located_file{std::move(open_.back()), name};
      if (auto refused = enter(name))
        return std::move(*refused);
    }
  }

private:
  /// Puts what a link says in place of its name.
  std::optional<located> follow(const std::string& target) {
    if (++links_ > links_max)
      return file_problem{ELOOP, requested_};
    auto rest = std::string_view{target};
    if (target.starts_with('/')) {
      if (!target.starts_with(root_ + "/") && target != root_)
        return violation(path_reason::escape, requested_, target);
      rest.remove_prefix(root_.size());
      open_.erase(open_.begin() + 1, open_.end());
    }
    const auto names = names_in(rest);
    left_.insert(left_.begin(), names.begin(), names.end());
    if (left_.empty())
      return file_problem{EISDIR, requested_};
    if (left_.size() > depth_max)
      return file_problem{ENAMETOOLONG, requested_};
    return escaped_by(names, target);
  }

  /// A link that climbs over the root is told with its target, not as a missing file.
  std::optional<located> escaped_by(const std::vector<std::string>& names,
                                    const std::string& target) const {
    auto depth = static_cast<std::ptrdiff_t>(open_.size()) - 1;
    for (const auto& name : names) {
      depth += name == ".." ? -1 : 1;
      if (depth < 0)
        return violation(path_reason::escape, requested_, target);
    }
    return std::nullopt;
  }

  std::optional<located> enter(const std::string& name) {
    if (open_.size() > depth_max)
      return file_problem{ENAMETOOLONG, requested_};
    constexpr auto flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    auto next = open_name(open_.back(), name, flags, options_.method);
    if (!next && errno == ENOENT && options_.creates_directories
        && (::mkdirat(open_.back().get(), name.c_str(), 0700) == 0 || errno == EEXIST))
      next = open_name(open_.back(), name, flags, options_.method);
    if (!next)
      return file_problem{errno, requested_};
    open_.push_back(std::move(next));
    return std::nullopt;
  }

  std::string root_;
  std::string requested_;
  walk_options options_;
  std::deque<std::string> left_;
  std::vector<unique_fd> open_;
  int links_ = 0;
};

int open_beneath(int directory, const char* name, int flags, unsigned mode) {
  auto how = open_how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, directory, name, &how, sizeof how));
}

}  // namespace

unique_fd open_name(const unique_fd& directory, const std::string& name, int flags,
                    open_method method, unsigned mode) {
  if (method == open_method::automatic) {
    const auto fd = open_beneath(directory.get(), name.c_str(), flags | O_NOFOLLOW, mode);
    // Seccomp filters that do not know openat2 answer EPERM.
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
      return unique_fd{fd};
  }
  // One name without a slash, in a directory that is open: there is nothing else to be led by.
  return unique_fd{::openat(directory.get(), name.c_str(), flags | O_NOFOLLOW, mode)};
}

located locate(const std::string& root, std::string_view path, walk_options options) {
  if (root.empty())
    return violation(path_reason::no_scope, path);
  auto checked = check_path(path);
  if (auto* refused = std::get_if<path_violation>(&checked))
    return std::move(*refused);
  if (options.creates_directories) {
    auto error = std::error_code{};
    std::filesystem::create_directories(root, error);
    if (error)
      return file_problem{error.value(), std::string{path}};
  }
  auto real = real_path(root);
  if (real.empty())
    return file_problem{errno, std::string{path}};
  return walker{std::move(real), path, options}.walk(std::get<path_names>(checked));
}

}  // namespace persona_runtime
