#include "domain/event/conversation_json.hpp"

#include "domain/text/instant_text.hpp"
#include "domain/text/json_text.hpp"

namespace persona_runtime {

void append_conversation_summary(std::string& out, const conversation_row& row,
                                 std::string_view more) {
  auto o = json_writer{out};
  o.text("id", row.id.value).text("persona_id", row.persona.value).text("title", row.title);
  o.text("origin", name_of(row.origin)).text("created_at", to_text(row.created_at));
  o.text("updated_at", to_text(row.updated_at));
  const auto spoken = row.preview_role.has_value();
  o.text_or_null("last_message_preview", row.preview, spoken);
  o.text_or_null("last_message_role", spoken ? name_of(*row.preview_role) : "", spoken);
  o.number("message_count", row.messages);
  out += more;
  o.close();
}

void append_message_view(std::string& out, const message_row& row, std::string_view events) {
  auto o = json_writer{out};
  o.text("id", row.id.value).text("role", name_of(row.from)).text("content", row.content.view());
  o.text("created_at", to_text(row.created_at));
  o.raw("channel", row.channel.empty() ? "null" : std::string_view{row.channel});
  o.text_or_null("tier_used", row.tier, !row.tier.empty());
  o.text("streaming_status", name_of(row.status));
  o.raw("events", events.empty() ? "null" : events);
  if (!row.images.empty())
    o.raw("images", row.images);
  o.close();
}

}  // namespace persona_runtime
