#include "providers/embed/flat_vectors.hpp"

#include "providers/embed/nearest_rows.hpp"

#include <algorithm>

namespace persona_runtime {
namespace {

// How many of the best sketches are followed first, about: enough to know nearly how similar the
// nearest are, which then tells which others to follow.
constexpr auto first_min = std::size_t{256};
constexpr auto first_factor = std::size_t{8};  // of what is wanted
constexpr auto prepared_ahead = std::size_t{8};

class exact_index final : public vector_index {
public:
  void add(std::int64_t row, std::span<const float> vector) override { all_.add(row, vector); }
  void remove(std::int64_t row) override { all_.remove(row); }
  [[nodiscard]] std::vector<near_row> nearest(std::span<const float> query,
                                              std::size_t k) const override {
    return all_.nearest(query, k);
  }
  bool prepare(std::size_t) override { return false; }
  [[nodiscard]] std::size_t size() const override { return all_.size(); }
  [[nodiscard]] std::size_t bytes() const override { return all_.bytes(); }

private:
  flat_vectors all_;
};

}  // namespace

bool flat_vectors::add(std::int64_t row, std::span<const float> vector) {
  if (vector.empty() || vector.size() > sketched_dimension_max)
    return false;
  if (dimension_ == 0)
    dimension_ = vector.size();
  if (vector.size() != dimension_ || !places_.emplace(row, rows_.size()).second)
    return false;
  rows_.push_back(row);
  values_.push_back(vector);
  if (is_sketched_)
    sketch(vector);
  else if (rows_.size() > scanned_in_full_max)
    sketch_all();
  return true;
}

void flat_vectors::sketch(std::span<const float> vector) {
  sketches_.add(vector);
  copies_.add(vector);
}

void flat_vectors::sketch_all() {
  is_sketched_ = true;
  for (auto place = std::size_t{0}; place < rows_.size(); ++place)
    sketch({vector_at(place), dimension_});
}

bool flat_vectors::remove(std::int64_t row) {
  const auto i = places_.find(row);
  if (i == places_.end())
    return false;
  const auto place = i->second;
  const auto last = rows_.size() - 1;
  if (place != last) {
    rows_[place] = rows_[last];
    places_[rows_[place]] = place;
  }
  values_.remove(place);
  if (is_sketched_) {
    sketches_.remove(place);
    copies_.remove(place);
  }
  rows_.pop_back();
  places_.erase(row);
  return true;
}

const float* flat_vectors::find(std::int64_t row) const {
  const auto i = places_.find(row);
  return i == places_.end() ? nullptr : vector_at(i->second);
}

std::vector<near_row> flat_vectors::nearest(std::span<const float> query, std::size_t k) const {
  if (query.size() != dimension_ || k == 0)
    return {};
  auto best = nearest_rows{k};
  for (auto place = std::size_t{0}; place < rows_.size(); ++place)
    best.show({rows_[place], dot_product(query.data(), vector_at(place), dimension_)});
  return best.sorted();
}

std::vector<near_row> flat_vectors::nearest_by_sketches(std::span<const float> query,
                                                        std::size_t k) const {
  if (query.size() != dimension_ || k == 0)
    return {};
  if (!is_sketched_)
    return nearest(query, k);
  auto best = nearest_rows{k};
  const auto rough = rough_query{copies_, query};
  const auto follow = [&](const std::vector<std::uint32_t>& places) {
    for (auto i = std::size_t{0}; i < places.size(); ++i) {
      rough.prepare(places[std::min(i + prepared_ahead, places.size() - 1)]);
      const auto place = places[i];
      if (rough.most(place) >= best.least())
        best.show({rows_[place], dot_product(query.data(), vector_at(place), dimension_)});
    }
  };
  const auto scores = sketch_scores{sketches_, query};
  const auto first = scores.reached_by(std::max(first_min, first_factor * k));
  follow(scores.places(first, scores.end()));
  auto least = std::min(scores.least_of(best.least()), first);
  if (least < scores.reached_by(rows_.size() / 4))
    least = 0;  // so many are read quicker from front to end
  follow(scores.places(least, first));
  return best.sorted();
}

std::size_t flat_vectors::bytes() const {
  constexpr auto node_bytes = std::size_t{40};
  return values_.bytes() + sketches_.bytes() + copies_.bytes()
         + rows_.capacity() * sizeof(std::int64_t) + places_.size() * node_bytes
         + places_.bucket_count() * sizeof(void*);
}

std::unique_ptr<vector_index> make_exact_index() {
  return std::make_unique<exact_index>();
}

}  // namespace persona_runtime
