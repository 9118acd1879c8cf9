#include "api/routes/read_conversation.hpp"

#include "api/api_settings.hpp"
#include "api/routes/body_reader.hpp"
#include "api/routes/image_url.hpp"
#include "api/routes/read_query.hpp"

#include <boost/json.hpp>

namespace persona_runtime::api {
namespace {

namespace json = boost::json;

constexpr auto title_bytes_max = std::size_t{480};
constexpr auto content_bytes_max = std::size_t{64} << 10;
constexpr auto channel_bytes_max = std::size_t{8} << 10;
constexpr auto channel_name_bytes_max = std::size_t{256};
constexpr auto message_id_bytes_max = std::size_t{64};
constexpr auto images_max = std::size_t{16};
constexpr auto search_bytes_max = std::size_t{256};

/// The channel's own fields; its text is kept as it came. Empty: not one that may be kept.
std::optional<failure> check_channel(const json::value& channel, std::string& user) {
  auto reader = body_reader{channel};
  reader.required_text("platform", 1, channel_name_bytes_max);
  user = reader.text("platform_user_id", 1, channel_name_bytes_max).value_or("");
  reader.text("platform_chat_id", 1, channel_name_bytes_max);
  reader.object_text("metadata", channel_bytes_max);
  return reader.finish();
}

/// Images have no place in a workspace: they are called by their number.
std::optional<failure> read_images(const json::array& items, std::vector<image_block>& images) {
  for (const auto& item : items) {
    auto reader = body_reader{item};
    auto image = image_from_url(reader.required_text("url", 1, large_body_bytes_max));
    if (!image)
      reader.refuse("image_url", "url", image_url_rule);
    if (auto problems = reader.finish())
      return problems;
    image->workspace_path = "image_" + std::to_string(images.size() + 1);
    images.push_back(std::move(*image));
  }
  return std::nullopt;
}

}  // namespace

result<new_conversation> read_new_conversation(const json::value& body, const persona_id& persona) {
  auto reader = body_reader{body};
  auto what = new_conversation{persona};
  what.title = reader.text("title", 0, title_bytes_max).value_or("");
  const auto origin = reader.text("origin", 1, 16).value_or("chat");
  if (auto problems = reader.finish())
    return std::move(*problems);
  if (origin != "chat" && origin != "call")
    return one_problem("out_of_range", "body", "origin", "must be 'chat' or 'call'");
  what.origin = origin == "call" ? conversation_origin::call : conversation_origin::chat;
  return what;
}

result<chat_message> read_chat_message(const json::value& body) {
  auto reader = body_reader{body};
  auto what = chat_message{};
  what.content = reader.required_text("content", 1, content_bytes_max);
  what.channel = reader.object_text("channel", channel_bytes_max).value_or("");
  const auto* images = reader.list("images", 1, images_max);
  if (auto problems = reader.finish())
    return std::move(*problems);
  if (images != nullptr) {
    if (auto problems = read_images(*images, what.images))
      return std::move(*problems);
  }
  if (what.channel.empty())
    return what;
  if (auto problems = check_channel(body.as_object().at("channel"), what.user))
    return std::move(*problems);
  what.channel = json::serialize(body.as_object().at("channel"));  // in the client's own order
  return what;
}

result<void> read_nothing(const json::value& body) {
  auto reader = body_reader{body};
  if (auto problems = reader.finish())
    return std::move(*problems);
  return {};
}

result<new_fork> read_fork(const json::value& body) {
  auto reader = body_reader{body};
  auto what = new_fork{};
  what.at = {reader.required_text("message_id", 1, message_id_bytes_max)};
  what.title = reader.text("title", 0, title_bytes_max);
  if (auto problems = reader.finish())
    return std::move(*problems);
  return what;
}

result<conversation_query> read_conversation_query(const request_target& target) {
  const auto page = read_page_query(target);
  if (!page)
    return page.error();
  auto query = conversation_query{{}, page->limit, page->offset};
  if (const auto persona = target.parameter("persona_id"))
    query.persona = persona_id{std::string{*persona}};
  return query;
}

result<message_query> read_message_query(const request_target& target) {
  const auto page = read_page_query(target);
  const auto before = read_position(target, "before");
  if (!page || !before)
    return page ? before.error() : page.error();
  auto query = message_query{*before, page->limit, {}};
  if (const auto text = target.parameter("q")) {
    if (text->empty() || text->size() > search_bytes_max)
      return one_problem("out_of_range", "query", "q",
                         "must be 1 to 256 bytes of text to look for");
    query.contains = std::string{*text};
  }
  return query;
}

result<turn_query> read_turn_query(const request_target& target) {
  const auto page = read_page_query(target);
  const auto before = read_position(target, "before");
  if (!page || !before)
    return page ? before.error() : page.error();
  return turn_query{*before, page->limit};
}

}  // namespace persona_runtime::api
