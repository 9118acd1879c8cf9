#pragma once
// Gumbo within bounds. Only for html_text.cpp and its neighbours.

#include "providers/tools/outside/html_text.hpp"

#include <gumbo.h>

#include <memory>
#include <string>
#include <string_view>

namespace persona_runtime {

/// A parsed document, freed as a whole: gumbo's own destroy function is recursive.
class html_tree {
public:
  html_tree();
  ~html_tree();
  html_tree(const html_tree&) = delete;
  html_tree& operator=(const html_tree&) = delete;

  /// False when a limit was passed. `html` must outlive the tree. Call once.
  [[nodiscard]] bool parse(std::string_view html, const html_limits& limits);
  /// The html element.
  [[nodiscard]] const GumboNode* root() const;

private:
  struct heap;
  std::unique_ptr<heap> heap_;
  GumboOutput* output_ = nullptr;
};

/// The decoded value of an attribute; empty when the element has none.
[[nodiscard]] std::string_view attribute_of(const GumboNode& element, const char* name);

/// The children of an element, none for other nodes.
[[nodiscard]] const GumboVector* children_of(const GumboNode& node);

}  // namespace persona_runtime
