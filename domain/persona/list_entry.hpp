#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace persona_runtime {

/// A document with one more entry in front of a list, in its author's layout: comments and order
/// stay. `block` names the mapping that holds the list and is empty for the document itself; a
/// list that is not there is made. A guess at the right place and form: the caller reads the
/// outcome back and looks whether it says what it should. None: no place was found.
[[nodiscard]] std::optional<std::string> with_list_entry(std::string_view text,
                                                         std::string_view block,
                                                         std::string_view list,
                                                         std::string_view entry);

}  // namespace persona_runtime
