#pragma once
// Reading and writing files in a run's workspace.

#include "providers/tools/builtin.hpp"
#include "providers/tools/sandbox.hpp"

#include <cstddef>

namespace persona_runtime {

constexpr std::size_t file_read_bytes_max = 1'048'576;
constexpr std::size_t file_write_bytes_max = std::size_t{4} << 20U;

/// The text of a regular file: at most 1 MiB is read, of which a result holds 256 KiB. Bytes that
/// are no UTF-8 become replacement characters. Never waits on a pipe or a device.
[[nodiscard]] tool_result read_file(const std::string& root, std::string_view path,
                                    open_method method = open_method::automatic);

/// Puts `content` into a file, whole or not at all: it is written and synced under another name in
/// the same directory, then renamed. Makes missing directories. New files have mode 0600.
[[nodiscard]] tool_result write_file(const std::string& root, std::string_view path,
                                     std::string_view content,
                                     open_method method = open_method::automatic);

/// "text/markdown" for a name that ends in .md; application/octet-stream when nothing is known.
[[nodiscard]] std::string_view media_type_of(std::string_view path);

/// The two as tools. The workspace comes with each call (`tool_request::workspace`).
[[nodiscard]] std::shared_ptr<tool_body> make_file_read(std::shared_ptr<worker_pool> pool);
[[nodiscard]] std::shared_ptr<tool_body> make_file_write(std::shared_ptr<worker_pool> pool);

}  // namespace persona_runtime
