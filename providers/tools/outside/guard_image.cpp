#include "providers/tools/outside/guard_image.hpp"

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

// The program travels inside the library: it needs no path, works from any embedding program, and
// cannot be of another version.
asm(".pushsection .rodata\n"
    ".global persona_tool_guard_begin\n"
    "persona_tool_guard_begin:\n"
    ".incbin \"" PERSONA_TOOL_GUARD_FILE "\"\n"
    ".global persona_tool_guard_end\n"
    "persona_tool_guard_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
extern const char persona_tool_guard_begin[];
extern const char persona_tool_guard_end[];
}

namespace persona_runtime {
namespace {

failure no_image(std::string_view what) {
  return {errc::internal_error,
          "command tools cannot be started: " + std::string{what} + ": "
            + std::generic_category().message(errno)
            + " (they need memfd_create, and that memory files may be executed: sysctl "
              "vm.memfd_noexec below 2)"};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR)
      return false;
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return true;
}

}  // namespace

result<unique_fd> open_guard_image() {
#ifdef MFD_EXEC
  constexpr unsigned executable = MFD_EXEC;
#else
  constexpr unsigned executable = 0x0010;  // Linux 6.3; older kernels refuse it
#endif
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  auto image = unique_fd{::memfd_create("persona-tool-guard", flags | executable)};
  if (!image)
    image = unique_fd{::memfd_create("persona-tool-guard", flags)};
  if (!image)
    return no_image("no memory file");
  const auto size = static_cast<std::size_t>(persona_tool_guard_end - persona_tool_guard_begin);
  if (!write_all(image.get(), {persona_tool_guard_begin, size}))
    return no_image("writing a memory file");
  ::fcntl(image.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  return image;
}

}  // namespace persona_runtime
