#include "providers/embed/scan_memory.hpp"

#include <new>
#include <sys/mman.h>

namespace persona_runtime {
namespace {

constexpr auto huge_page_bytes = std::size_t{2} << 20;

std::align_val_t alignment_of(std::size_t bytes) {
  return std::align_val_t{bytes >= huge_page_bytes ? huge_page_bytes : cache_line_bytes};
}

}  // namespace

void* allocate_to_scan(std::size_t bytes) {
  auto* begin = ::operator new(bytes, alignment_of(bytes));
  // Where the system refuses, searches only take longer.
  if (bytes >= huge_page_bytes)
    (void)::madvise(begin, bytes - bytes % huge_page_bytes, MADV_HUGEPAGE);
  return begin;
}

void release_scanned(void* begin, std::size_t bytes) noexcept {
  ::operator delete(begin, alignment_of(bytes));
}

}  // namespace persona_runtime
