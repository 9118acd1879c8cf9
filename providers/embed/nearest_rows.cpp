#include "providers/embed/nearest_rows.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

bool is_nearer(const near_row& a, const near_row& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row > b.row;
}

}  // namespace

void nearest_rows::keep(const near_row& one) {
  if (heap_.size() == k_) {
    if (!is_nearer(one, heap_.front()))
      return;
    std::ranges::pop_heap(heap_, is_nearer);
    heap_.pop_back();
  }
  heap_.push_back(one);
  std::ranges::push_heap(heap_, is_nearer);
  if (heap_.size() == k_)
    least_ = heap_.front().similarity;
}

std::vector<near_row> nearest_rows::sorted() const {
  auto out = heap_;
  std::ranges::sort_heap(out, is_nearer);
  return out;
}

}  // namespace persona_runtime
