#pragma once
// GET /v1/usage: what is asked for, checked. Pure.

#include "api/backend.hpp"
#include "api/http/target.hpp"

namespace persona_runtime::api {

/// `owner`, `persona_id`, `from`, `to` (days, both included), `group` (owner, persona, day, model
/// by commas; day,model unless given), `limit`, `offset`. Owners other than his own are an admin's
/// to see. Fails with validation_error.
[[nodiscard]] result<usage_filter> read_usage_query(const request_target& target,
                                                    const caller& who);

}  // namespace persona_runtime::api
