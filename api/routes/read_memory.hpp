#pragma once
// What requests about memory ask for, checked. Pure. All fail with validation_error; an owner other
// than his own is an admin's to name.

#include "api/http/target.hpp"
#include "api/memory_backend.hpp"

#include <boost/json/value.hpp>

namespace persona_runtime::api {

/// `store`, `user`, `owner`, `name`, `all`, `limit`, `cursor`.
[[nodiscard]] result<memory_query> read_memory_query(const request_target& target,
                                                     const persona_id& persona, const caller& who);

/// {"name","to_version"}, and "owner", "user", "store" where one name stands for several chains.
[[nodiscard]] result<memory_rollback> read_rollback(const boost::json::value& body,
                                                    const persona_id& persona, const caller& who);

/// `owner`, `user`, and `confirm=yes`, without which nothing is asked for. A parameter with another
/// name, or an empty one, is refused: a misspelt condition would remove more than was meant.
[[nodiscard]] result<memory_filter> read_purge(const request_target& target,
                                               const persona_id& persona, const caller& who);

/// `since` (an instant with its offset), `action`, `source`, `store`, `limit`, `offset`.
[[nodiscard]] result<audit_query> read_audit_query(const request_target& target,
                                                   const persona_id& persona);

}  // namespace persona_runtime::api
