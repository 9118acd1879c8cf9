#pragma once
// Memory for what is scanned or read at random places. It begins with a cache line, so that a row
// touches no line more than it must; and where there is much of it, the system is asked for huge
// pages, which takes a third off the time of a scan. For sources of this folder.

#include <cstddef>
#include <vector>

namespace persona_runtime {

inline constexpr auto cache_line_bytes = std::size_t{64};

/// Throws std::bad_alloc. Given back with the same number of bytes.
[[nodiscard]] void* allocate_to_scan(std::size_t bytes);
void release_scanned(void* begin, std::size_t bytes) noexcept;

template <typename T>
struct scan_allocator {
  using value_type = T;
  scan_allocator() = default;
  template <typename U>
  scan_allocator(const scan_allocator<U>&) {}  // NOLINT(google-explicit-constructor): allocators

  T* allocate(std::size_t count) { return static_cast<T*>(allocate_to_scan(count * sizeof(T))); }
  void deallocate(T* begin, std::size_t count) noexcept {
    release_scanned(begin, count * sizeof(T));
  }
  friend bool operator==(const scan_allocator&, const scan_allocator&) { return true; }
};

template <typename T>
using scan_vector = std::vector<T, scan_allocator<T>>;

}  // namespace persona_runtime
