#include "providers/embed/hashed_embedder.hpp"
#include "providers/embed/vector_index.hpp"
#include "tests/support/catch.hpp"

#include <cmath>

using namespace persona_runtime;

namespace {

float likeness(const std::string& a, const std::string& b) {
  const auto x = hashed_vector(a);
  const auto y = hashed_vector(b);
  return dot_product(x.data(), y.data(), x.size());
}

}  // namespace

TEST_CASE("TR-03 no texts give no vectors", "[providers][embed]") {
  auto called = 0;
  const auto call = make_hashed_embedder()->encode({}, std::chrono::milliseconds{1},
                                                   [&](const result<embeddings>& got) {
                                                     ++called;
                                                     CHECK(got.value().empty());
                                                   });
  call->cancel();
  CHECK(called == 1);
}

TEST_CASE("hashed vectors are deterministic and of length 1", "[providers][embed]") {
  const auto made = hashed_vector("Båten ligger ved brygga");
  CHECK(made == hashed_vector("Båten ligger ved brygga"));
  CHECK(made == hashed_vector("båten, LIGGER ved brygga!"));
  CHECK(made.size() == hashed_dimension);
  CHECK(likeness("Båten ligger ved brygga", "båten ligger ved brygga") == Approx(1.0F));
  // Nothing in it: no direction, and like nothing.
  CHECK(hashed_vector("") == embedding(hashed_dimension, 0.0F));
  CHECK(hashed_vector("…!?") == embedding(hashed_dimension, 0.0F));
  CHECK(hashed_vector("\xff\xfe").size() == hashed_dimension);
  const auto lengthy = hashed_vector(std::string(100'000, 'a') + " b");
  CHECK(std::isfinite(lengthy[0]));
  CHECK(make_hashed_embedder()->name() == "hashed-1/256");
}

TEST_CASE("other forms of a word are near, other words are not", "[providers][embed]") {
  CHECK(likeness("båt", "båten") > 0.2F);
  CHECK(likeness("mooring the boat", "the boat is moored") > 0.35F);
  CHECK(likeness("kjøkkenveggene", "kjøkken") > 0.25F);
  CHECK(likeness("mooring the boat", "vegetarian soup") < 0.2F);
}
