#include "providers/embed/flat_vectors.hpp"
#include "providers/embed/nearest_rows.hpp"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#pragma GCC diagnostic ignored "-Woverloaded-virtual"
#include <hnswlib/hnswlib.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <exception>

namespace persona_runtime {
namespace {

// Tried with memory_bench: what finds most within the time that a scan takes there.
constexpr auto links = std::size_t{16};
constexpr auto width_building = std::size_t{100};
constexpr auto width_searching = std::size_t{160};
constexpr auto capacity_min = std::size_t{8'192};
constexpr auto scanned_beside_max = std::size_t{1'000};  // vectors that the graph may lack

/// 1 - the product of two vectors of length 1, as the library wants it.
float distance(const void* a, const void* b, const void* dimension) {
  return 1.0F
         - dot_product(static_cast<const float*>(a), static_cast<const float*>(b),
                       *static_cast<const std::size_t*>(dimension));
}

class cosine_space final : public hnswlib::SpaceInterface<float> {
public:
  explicit cosine_space(std::size_t dimension) : dimension_{dimension} {}
  size_t get_data_size() override { return dimension_ * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return &dimension_; }

private:
  std::size_t dimension_;
};

struct graph {
  explicit graph(std::size_t dimension, std::size_t capacity)
    : space{dimension}, nodes{&space, capacity, links, width_building} {
    nodes.setEf(width_searching);
  }
  cosine_space space;
  hnswlib::HierarchicalNSW<float> nodes;
};

/// All vectors flat, to be scanned, and above a size a graph over them, which is built in steps:
/// what it lacks is scanned beside it, and while it lacks much, everything is.
class graph_index final : public vector_index {
public:
  explicit graph_index(std::size_t graph_from) : graph_from_{graph_from} {}

  void add(std::int64_t row, std::span<const float> vector) override {
    if (all_.add(row, vector))
      waiting_.push_back(row);
  }

  void remove(std::int64_t row) override {
    if (!all_.remove(row) || graph_ == nullptr)
      return;
    // Gone vectors are passed over in searches; many of them make the graph worth a new one.
    if (++gone_ > all_.size() / 2)
      start_anew();
  }

  [[nodiscard]] std::vector<near_row> nearest(std::span<const float> query,
                                              std::size_t k) const override {
    if (graph_ == nullptr || waiting_.size() > scanned_beside_max
        || query.size() != all_.dimension())
      return all_.nearest_by_sketches(query, k);
    return from_graph(query, k);
  }

  bool prepare(std::size_t steps) override {
    if (all_.size() < graph_from_) {
      return false;
    }
    if (graph_ == nullptr)
      start_anew();
    for (; steps > 0 && !waiting_.empty(); --steps)
      insert_next();
    return !waiting_.empty();
  }

  [[nodiscard]] std::size_t size() const override { return all_.size(); }
  [[nodiscard]] std::size_t bytes() const override {
    constexpr auto node_bytes = 2 * links * sizeof(unsigned) + 64;
    const auto nodes = graph_ == nullptr ? 0 : graph_->nodes.max_elements_;
    return all_.bytes() + nodes * (all_.dimension() * sizeof(float) + node_bytes);
  }

private:
  void start_anew() {
    graph_ = std::make_unique<graph>(all_.dimension(), std::max(capacity_min, all_.size() * 3 / 2));
    gone_ = 0;
    waiting_.clear();
    for (auto place = std::size_t{0}; place < all_.size(); ++place)
      waiting_.push_back(all_.row_at(place));
  }

  void insert_next() {
    const auto row = waiting_.back();
    waiting_.pop_back();
    const auto* vector = all_.find(row);
    if (vector == nullptr)
      return;
    auto& nodes = graph_->nodes;
    if (nodes.cur_element_count == nodes.max_elements_)
      nodes.resizeIndex(nodes.max_elements_ * 3 / 2);
    nodes.addPoint(vector, static_cast<hnswlib::labeltype>(row));
  }

  [[nodiscard]] std::vector<near_row> from_graph(std::span<const float> query,
                                                 std::size_t k) const {
    auto found = graph_->nodes.searchKnn(query.data(), std::min(k + gone_, k + width_searching));
    auto best = nearest_rows{k};
    for (; !found.empty(); found.pop()) {
      const auto row = static_cast<std::int64_t>(found.top().second);
      if (all_.find(row) != nullptr)
        best.show({row, 1.0F - found.top().first});
    }
    for (const auto row : waiting_) {
      if (const auto* vector = all_.find(row))
        best.show({row, dot_product(query.data(), vector, query.size())});
    }
    return best.sorted();
  }

  std::size_t graph_from_;
  flat_vectors all_;
  std::unique_ptr<graph> graph_;
  std::vector<std::int64_t> waiting_;  // rows that the graph lacks
  std::size_t gone_ = 0;               // rows that only the graph still has
};

}  // namespace

std::unique_ptr<vector_index> make_vector_index(std::size_t graph_from) {
  return std::make_unique<graph_index>(std::max<std::size_t>(graph_from, 1));
}

}  // namespace persona_runtime
