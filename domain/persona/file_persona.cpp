#include "domain/persona/file_persona.hpp"

#include "domain/text/sha256.hpp"
#include "domain/text/ulid.hpp"

#include <algorithm>

namespace persona_runtime {

persona_id id_of_file_persona(const owner_id& owner, std::string_view name) {
  // The length in front: no owner and name look like another pair.
  const auto digest = sha256_of("file persona " + std::to_string(owner.value.size()) + ':'
                                + owner.value + std::string{name});
  auto front = std::int64_t{0};
  for (auto i = std::size_t{0}; i < 6; ++i)
    front = front << 8 | digest[i];
  auto rest = std::array<std::uint8_t, 10>{};
  std::copy_n(digest.begin() + 6, rest.size(), rest.begin());
  return {"persona_" + ulid({front}, rest)};
}

}  // namespace persona_runtime
