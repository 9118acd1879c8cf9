#include "domain/conversation/fork.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace persona_runtime {
namespace {

failure refused(std::string why) {
  return {errc::validation_error, "message_id: " + std::move(why)};
}

bool is_replaced(const message_row& m) {
  return m.status == message_status::replaced;
}

}  // namespace

result<forked_conversation> fork_off(const conversation_fork& what, const conversation_row& from,
                                     std::vector<message_row> messages) {
  const auto at = std::ranges::find(messages, what.at, &message_row::id);
  if (at == messages.end())
    return refused("there is no message " + what.at.value + " in this conversation");
  if (at->status == message_status::running)
    return refused("that message is not complete yet");
  messages.erase(at->from == role::user ? at : std::next(at), messages.end());
  auto made = forked_conversation{what.row, {}};
  if (messages.size() >= from.folded) {
    const auto is_folded = [&](const message_row& m) {
      return m.position < from.folded && !is_replaced(m);
    };
    made.row.folded = static_cast<std::uint64_t>(std::ranges::count_if(messages, is_folded));
    made.row.summary = from.summary;
  }
  std::erase_if(messages, is_replaced);
  if (what.ids.size() < messages.size())
    return refused("the conversation has grown meanwhile; ask again");
  for (auto i = std::size_t{0}; i < messages.size(); ++i) {
    messages[i].id = what.ids[i];
    messages[i].position = i;
  }
  made.row.messages = messages.size();
  if (!messages.empty()) {
    made.row.preview = preview_of(messages.back().content.view());
    made.row.preview_role = messages.back().from;
  }
  made.messages = std::move(messages);
  return made;
}

}  // namespace persona_runtime
