#include "providers/tools/outside/html_tree.hpp"

#include <csetjmp>
#include <cstddef>
#include <cstdlib>
#include <utility>

namespace persona_runtime {

/// Every block of the parser, in a list, so that all can be freed wherever parsing stopped.
struct html_tree::heap {
  struct alignas(std::max_align_t) block {
    block* before;
    block* after;
    std::size_t size;
  };

  block* newest = nullptr;
  std::size_t in_use = 0;
  std::size_t in_use_max = 0;
  unsigned allocations = 0;
  std::chrono::steady_clock::time_point deadline;
  std::jmp_buf give_up;

  ~heap() {
    while (newest != nullptr)
      std::free(std::exchange(newest, newest->before));
  }

  [[nodiscard]] bool is_out_of_time() {
    constexpr unsigned clock_reads_every = 64;
    return ++allocations % clock_reads_every == 0 && std::chrono::steady_clock::now() > deadline;
  }

  /// Gumbo takes no failure, so a limit leaves it by a jump. That is sound here: its frames are C
  /// and all that they hold is in this list.
  static void* allocate(void* self_pointer, std::size_t size) {
    auto& self = *static_cast<heap*>(self_pointer);
    if (size > self.in_use_max - self.in_use || self.is_out_of_time())
      std::longjmp(self.give_up, 1);
    auto* const made = static_cast<block*>(std::malloc(sizeof(block) + size));
    if (made == nullptr)
      std::longjmp(self.give_up, 1);
    *made = {self.newest, nullptr, size};
    if (self.newest != nullptr)
      self.newest->after = made;
    self.newest = made;
    self.in_use += size;
    return made + 1;
  }

  static void release(void* self_pointer, void* memory) {
    if (memory == nullptr)
      return;
    auto& self = *static_cast<heap*>(self_pointer);
    auto* const gone = static_cast<block*>(memory) - 1;
    if (gone->before != nullptr)
      gone->before->after = gone->after;
    (gone->after != nullptr ? gone->after->before : self.newest) = gone->before;
    self.in_use -= gone->size;
    std::free(gone);
  }

  /// Nothing here may need a destructor: the jump ends in this frame.
  GumboOutput* parse(const GumboOptions* options, const char* html, std::size_t size) {
    if (setjmp(give_up) != 0)
      return nullptr;
    return gumbo_parse_with_options(options, html, size);
  }
};

html_tree::html_tree() : heap_{std::make_unique<heap>()} {
}
html_tree::~html_tree() = default;

bool html_tree::parse(std::string_view html, const html_limits& limits) {
  heap_->in_use_max = limits.memory_bytes_max;
  heap_->deadline = std::chrono::steady_clock::now() + limits.parse_time_max;
  auto options = kGumboDefaultOptions;
  options.allocator = heap::allocate;
  options.deallocator = heap::release;
  options.userdata = heap_.get();
  options.max_errors = 0;
  output_ = heap_->parse(&options, html.data(), html.size());
  return output_ != nullptr;
}

const GumboNode* html_tree::root() const {
  return output_->root;
}

std::string_view attribute_of(const GumboNode& element, const char* name) {
  const auto* found = gumbo_get_attribute(&element.v.element.attributes, name);
  return found != nullptr ? std::string_view{found->value} : std::string_view{};
}

const GumboVector* children_of(const GumboNode& node) {
  const auto is_element = node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE;
  return is_element ? &node.v.element.children : nullptr;
}

}  // namespace persona_runtime
