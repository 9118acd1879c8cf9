#include "providers/tools/file_tools.hpp"

#include "domain/text/ascii_case.hpp"
#include "domain/text/shown_text.hpp"
#include "domain/text/utf8.hpp"
#include "domain/tool/audit.hpp"
#include "domain/tool/json_print.hpp"
#include "domain/tool/result_bounds.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace persona_runtime {
namespace {

namespace json = boost::json;

constexpr int temporary_tries_max = 100;

struct media_type {
  std::string_view extension;
  std::string_view name;
};

constexpr auto media_types = std::array{
  media_type{"txt", "text/plain"},       media_type{"md", "text/markdown"},
  media_type{"csv", "text/csv"},         media_type{"html", "text/html"},
  media_type{"htm", "text/html"},        media_type{"css", "text/css"},
  media_type{"js", "text/javascript"},   media_type{"json", "application/json"},
  media_type{"xml", "application/xml"},  media_type{"yaml", "application/yaml"},
  media_type{"yml", "application/yaml"}, media_type{"pdf", "application/pdf"},
  media_type{"zip", "application/zip"},  media_type{"py", "text/x-python"},
  media_type{"svg", "image/svg+xml"},    media_type{"png", "image/png"},
  media_type{"jpg", "image/jpeg"},       media_type{"jpeg", "image/jpeg"},
  media_type{"gif", "image/gif"},        media_type{"webp", "image/webp"},
  media_type{"mmd", "text/vnd.mermaid"}, media_type{"dot", "text/vnd.graphviz"},
};

/// "'a.txt' cannot be read: No such file or directory".
tool_result os_error(std::string_view path, const char* done, int code) {
  return error_result("'" + printable(path, 120) + "' cannot be " + done + ": "
                      + std::system_category().message(code));
}

tool_result refused(const path_violation& v) {
  auto result = error_result(message_of(v));
  auto context = json::object{{"reason", token_of(v.reason)}, {"requested", v.requested}};
  if (v.reason == path_reason::escape)
    context["resolved"] = v.resolved;
  result.data = json_text(context);
  return result;
}

/// The error result for a place that could not be found; none when it was.
std::optional<tool_result> not_located(const located& place, std::string_view path,
                                       const char* done) {
  if (const auto* v = std::get_if<path_violation>(&place))
    return refused(*v);
  if (const auto* p = std::get_if<file_problem>(&place))
    return os_error(path, done, p->code);
  return std::nullopt;
}

/// Reads up to `bytes`, through interruptions and short reads; none and errno on an error.
std::optional<std::string> read_up_to(const unique_fd& file, std::size_t bytes) {
  auto text = std::string(bytes, '\0');
  auto filled = std::size_t{0};
  while (filled < bytes) {
    const auto got = ::read(file.get(), text.data() + filled, bytes - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return std::nullopt;
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

bool write_all(const unique_fd& file, std::string_view content) {
  while (!content.empty()) {
    const auto put = ::write(file.get(), content.data(), content.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return false;
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

/// What is there is no regular file: 0 if it is, or nothing is there, else the fitting errno.
int not_regular(const located_file& place) {
  struct stat found {};
  if (::fstatat(place.directory.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? 0 : errno;
  if (S_ISDIR(found.st_mode))
    return EISDIR;
  return S_ISREG(found.st_mode) ? 0 : EINVAL;
}

/// A new file in the directory of `place` that nobody else has, removed again unless renamed.
class temporary_file {
public:
  temporary_file(const located_file& place, open_method method) : place_{place} {
    static std::atomic<std::uint64_t> counter{0};
    for (auto tries = 0; tries < temporary_tries_max && !file_; ++tries) {
      name_ = ".write-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
      file_ =
        open_name(place.directory, name_, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, method, 0600);
      if (!file_ && errno != EEXIST)
        return;
    }
  }

  ~temporary_file() {
    if (file_ && !renamed_)
      ::unlinkat(place_.directory.get(), name_.c_str(), 0);
  }

  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  /// 0, or the errno of what failed.
  int fill(std::string_view content) {
    if (!file_ || !write_all(file_, content) || ::fsync(file_.get()) != 0)
      return errno;
    const auto directory = place_.directory.get();
    if (::renameat(directory, name_.c_str(), directory, place_.name.c_str()) != 0)
      return errno;
    renamed_ = true;
    return 0;
  }

private:
  const located_file& place_;
  std::string name_;
  unique_fd file_;
  bool renamed_ = false;
};

tool_result written(std::string_view path, std::size_t bytes) {
  const auto type = media_type_of(path);
  const auto size = std::to_string(bytes);
  auto result = tool_result{};
  result.content = "Wrote " + size + " bytes to " + std::string{path};
  auto produced = json::array{};
  produced.push_back(json::object{{"path", path}, {"size_bytes", size}, {"media_type", type}});
  result.data = json_text(
    json::object{{"path", path}, {"bytes_written", size}, {"produced_files", std::move(produced)}});
  result.metadata = {{std::string{audit_action_key}, "write"},
                     {std::string{audit_resource_key}, std::string{path}},
                     {std::string{audit_key_prefix} + "bytes", size}};
  auto made = artifact{};
  made.workspace_path = path;
  made.mime_type = type;
  made.size_bytes = bytes;
  made.rendered_inline = type.starts_with("image/");
  result.artifacts.push_back(std::move(made));
  return result;
}

std::string argument(const json::object& arguments, std::string_view name) {
  return std::string{arguments.at(name).as_string()};
}

}  // namespace

std::string_view media_type_of(std::string_view path) {
  const auto point = path.rfind('.');
  const auto extension =
    ascii_lower(point == std::string_view::npos ? std::string_view{} : path.substr(point + 1));
  for (const auto& type : media_types) {
    if (type.extension == extension)
      return type.name;
  }
  return "application/octet-stream";
}

tool_result read_file(const std::string& root, std::string_view path, open_method method) {
  const auto place = locate(root, path, {.method = method});
  if (auto problem = not_located(place, path, "read"))
    return std::move(*problem);
  const auto& found = std::get<located_file>(place);
  // Looked at first, because opening a device may already do something; and again below, because
  // another file may have taken its place.
  if (const auto code = not_regular(found); code != 0)
    return os_error(path, "read", code);
  const auto file =
    open_name(found.directory, found.name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, method);
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0)
    return os_error(path, "read", errno);
  if (!S_ISREG(status.st_mode))
    return os_error(path, "read", EINVAL);
  auto text = read_up_to(file, file_read_bytes_max + 1);
  if (!text)
    return os_error(path, "read", errno);
  auto result = tool_result{};
  result.truncated = text->size() > file_read_bytes_max;
  result.content = repaired_utf8(first_bytes(*text, file_read_bytes_max));
  const auto bytes = std::min(text->size(), file_read_bytes_max);
  result.data = json_text(
    json::object{{"path", path}, {"bytes_read", std::to_string(bytes)}, {"encoding", "utf-8"}});
  return result;
}

tool_result write_file(const std::string& root, std::string_view path, std::string_view content,
                       open_method method) {
  if (content.size() > file_write_bytes_max)
    return error_result("content is longer than 4 MiB; write it in several files");
  const auto place = locate(root, path, {.creates_directories = true, .method = method});
  if (auto problem = not_located(place, path, "written"))
    return std::move(*problem);
  const auto& found = std::get<located_file>(place);
  if (const auto code = not_regular(found); code != 0)
    return os_error(path, "written", code);
  auto file = temporary_file{found, method};
  if (const auto code = file.fill(content); code != 0)
    return os_error(path, "written", code);
  return written(path, content.size());
}

std::shared_ptr<tool_body> make_file_read(std::shared_ptr<worker_pool> pool) {
  auto definition = tool_definition{};
  definition.name = "file_read";
  definition.description =
    "You can read the files in your workspace with this. Give the path of a text file, relative "
    "to the workspace, such as notes/berths.md; you get its text. Use it before you say what a "
    "file contains.";
  definition.parameters = R"({"type":"object","additionalProperties":false,
    "properties":{"path":{"type":"string","description":"Relative path, such as out/report.md"}},
    "required":["path"]})";
  definition.effect = tool_effect::read_only;
  definition.timeout = std::chrono::seconds{30};
  return make_builtin(std::move(definition), std::move(pool), [](const builtin_call& call) {
    const auto arguments = json::parse(call.request.call.arguments).as_object();
    return read_file(call.request.workspace, argument(arguments, "path"));
  });
}

std::shared_ptr<tool_body> make_file_write(std::shared_ptr<worker_pool> pool) {
  auto definition = tool_definition{};
  definition.name = "file_write";
  definition.description =
    "You can create and replace files in your workspace with this. Give a path relative to the "
    "workspace, such as out/report.md, and the whole text; directories are made as needed, and "
    "what the file held before is replaced. Use it whenever the user wants something saved.";
  definition.parameters = R"({"type":"object","additionalProperties":false,
    "properties":{"path":{"type":"string","description":"Relative path, such as out/report.md"},
      "content":{"type":"string","description":"The whole text of the file, at most 4 MiB"}},
    "required":["path","content"]})";
  definition.effect = tool_effect::idempotent;
  // A reply may write a file and read it in the same step.
  definition.exclusive = true;
  definition.timeout = std::chrono::seconds{30};
  return make_builtin(std::move(definition), std::move(pool), [](const builtin_call& call) {
    const auto arguments = json::parse(call.request.call.arguments).as_object();
    return write_file(call.request.workspace, argument(arguments, "path"),
                      argument(arguments, "content"));
  });
}

}  // namespace persona_runtime
