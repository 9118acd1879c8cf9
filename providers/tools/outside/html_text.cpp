#include "providers/tools/outside/html_text.hpp"

#include "domain/text/utf8.hpp"
#include "providers/tools/outside/html_tree.hpp"
#include "providers/tools/outside/text_layout.hpp"
#include "providers/tools/outside/url_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace persona_runtime {
namespace {

constexpr std::size_t main_text_min = 200;  // a shorter main element is a frame for scripts
constexpr std::size_t link_bytes_max = 500;
constexpr std::size_t list_depth_max = 8;
constexpr std::size_t title_bytes_max = 300;

/// How an element's content is laid out.
enum class layout : std::uint8_t { inside, left_out, line, paragraph };

layout layout_of(GumboTag tag) {
  switch (tag) {
  case GUMBO_TAG_HEAD:
  case GUMBO_TAG_SCRIPT:
  case GUMBO_TAG_STYLE:
  case GUMBO_TAG_NOSCRIPT:
  case GUMBO_TAG_TEMPLATE:
  case GUMBO_TAG_SVG:
  case GUMBO_TAG_MATH:
  case GUMBO_TAG_IFRAME:
  case GUMBO_TAG_OBJECT:
  case GUMBO_TAG_CANVAS:
  case GUMBO_TAG_AUDIO:
  case GUMBO_TAG_VIDEO:
  case GUMBO_TAG_BUTTON:
  case GUMBO_TAG_SELECT:
  case GUMBO_TAG_TEXTAREA:
  case GUMBO_TAG_DATALIST:
  case GUMBO_TAG_NAV:
  case GUMBO_TAG_ASIDE:
  case GUMBO_TAG_FOOTER:
    return layout::left_out;
  case GUMBO_TAG_P:
  case GUMBO_TAG_H1:
  case GUMBO_TAG_H2:
  case GUMBO_TAG_H3:
  case GUMBO_TAG_H4:
  case GUMBO_TAG_H5:
  case GUMBO_TAG_H6:
  case GUMBO_TAG_PRE:
  case GUMBO_TAG_BLOCKQUOTE:
  case GUMBO_TAG_TABLE:
  case GUMBO_TAG_DL:
  case GUMBO_TAG_FIGURE:
  case GUMBO_TAG_HR:
    return layout::paragraph;
  case GUMBO_TAG_UL:
  case GUMBO_TAG_OL:
  case GUMBO_TAG_LI:
  case GUMBO_TAG_DIV:
  case GUMBO_TAG_FORM:
  case GUMBO_TAG_SECTION:
  case GUMBO_TAG_ARTICLE:
  case GUMBO_TAG_MAIN:
  case GUMBO_TAG_HEADER:
  case GUMBO_TAG_ADDRESS:
  case GUMBO_TAG_TR:
  case GUMBO_TAG_CAPTION:
  case GUMBO_TAG_DT:
  case GUMBO_TAG_DD:
  case GUMBO_TAG_FIGCAPTION:
  case GUMBO_TAG_DETAILS:
  case GUMBO_TAG_SUMMARY:
  case GUMBO_TAG_BR:
    return layout::line;
  default:
    return layout::inside;
  }
}

bool is_element(const GumboNode& node, GumboTag tag) {
  return node.type == GUMBO_NODE_ELEMENT && node.v.element.tag == tag;
}

bool is_hidden(const GumboNode& element) {
  const auto role = attribute_of(element, "role");
  return gumbo_get_attribute(&element.v.element.attributes, "hidden") != nullptr
         || attribute_of(element, "aria-hidden") == "true" || role == "navigation"
         || role == "banner" || role == "contentinfo" || role == "search";
}

/// The page's own header frames the page; one inside an article belongs to its text.
bool is_page_header(const GumboNode& node) {
  return is_element(node, GUMBO_TAG_HEADER) && node.parent != nullptr
         && is_element(*node.parent, GUMBO_TAG_BODY);
}

/// Writes one element and all below it, with a stack of its own instead of recursion.
class page_writer {
public:
  page_writer(std::string_view base_url, std::size_t bytes_max)
    : base_url_{base_url}, out_{bytes_max} {}

  std::string write(const GumboNode& root) {
    enter(root);
    while (!open_.empty() && !out_.is_full()) {
      auto& top = open_.back();
      const auto* children = children_of(*top.node);
      if (top.next < children->length) {
        enter(*static_cast<const GumboNode*>(children->data[top.next++]));
      } else {
        const auto left = top;
        open_.pop_back();
        leave(left);
      }
    }
    return out_.take();
  }

private:
  struct open_element {
    const GumboNode* node;
    std::size_t next;   // child
    std::size_t begin;  // in the output
  };

  struct open_list {
    bool numbered;
    unsigned items;
  };

  void enter(const GumboNode& node) {
    if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE
        || node.type == GUMBO_NODE_CDATA)
      return pre_depth_ > 0 ? out_.verbatim(node.v.text.text) : out_.flow(node.v.text.text);
    if (node.type != GUMBO_NODE_ELEMENT)
      return;
    const auto form = layout_of(node.v.element.tag);
    if (form == layout::left_out || is_hidden(node) || is_page_header(node))
      return;
    begin_element(node.v.element.tag, form);
    open_.push_back({&node, 0, out_.position()});
  }

  void begin_element(GumboTag tag, layout form) {
    break_for(tag, form);
    if (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6)
      out_.prefix(std::string(static_cast<std::size_t>(tag - GUMBO_TAG_H1) + 1, '#') + " ");
    if (tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL)
      lists_.push_back({tag == GUMBO_TAG_OL, 0});
    if (tag == GUMBO_TAG_LI)
      begin_item();
    if (tag == GUMBO_TAG_PRE)
      ++pre_depth_;
    if (tag == GUMBO_TAG_TR)
      cells_ = 0;
    if ((tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) && cells_++ > 0)
      out_.flow(" | ");
  }

  void begin_item() {
    if (lists_.empty())
      return out_.prefix("- ");
    auto& list = lists_.back();
    ++list.items;
    const auto indent = 2 * (std::min(lists_.size(), list_depth_max) - 1);
    out_.prefix(std::string(indent, ' ')
                + (list.numbered ? std::to_string(list.items) + ". " : "- "));
  }

  void leave(const open_element& left) {
    const auto tag = left.node->v.element.tag;
    if (tag == GUMBO_TAG_A)
      end_link(*left.node, left.begin);
    if (tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL)
      lists_.pop_back();
    if (tag == GUMBO_TAG_PRE)
      --pre_depth_;
    break_for(tag, layout_of(tag));
  }

  /// A list inside a list stands close to its item, a list of its own apart.
  void break_for(GumboTag tag, layout form) {
    const auto is_list = tag == GUMBO_TAG_UL || tag == GUMBO_TAG_OL;
    if (form == layout::paragraph || (is_list && lists_.empty())) {
      out_.break_line(2);
    } else if (form == layout::line) {
      out_.break_line(1);
    }
  }

  void end_link(const GumboNode& link, std::size_t begin) {
    const auto target = attribute_of(link, "href");
    if (target.empty() || target.front() == '#' || target.size() > link_bytes_max
        || out_.position() == begin)
      return;
    const auto url = resolve_url(base_url_, target);
    if (url && (url->starts_with("http://") || url->starts_with("https://")))
      out_.link_since(begin, *url);
  }

  std::string_view base_url_;
  text_layout out_;
  std::vector<open_element> open_;
  std::vector<open_list> lists_;
  int pre_depth_ = 0;
  int cells_ = 0;
};

struct landmarks {
  const GumboNode* title = nullptr;
  const GumboNode* body = nullptr;
  const GumboNode* main = nullptr;  // the main element, else the only article
  std::size_t articles = 0;
};

void note(const GumboNode& node, landmarks& found) {
  if (is_element(node, GUMBO_TAG_TITLE) && found.title == nullptr)
    found.title = &node;
  if (is_element(node, GUMBO_TAG_BODY) && found.body == nullptr)
    found.body = &node;
  const auto is_main = is_element(node, GUMBO_TAG_MAIN) || attribute_of(node, "role") == "main";
  const auto is_article = is_element(node, GUMBO_TAG_ARTICLE);
  if (is_main && (found.main == nullptr || is_element(*found.main, GUMBO_TAG_ARTICLE)))
    found.main = &node;
  if (is_article && found.main == nullptr)
    found.main = &node;
  if (is_article)
    ++found.articles;
}

landmarks look_through(const GumboNode& root) {
  auto found = landmarks{};
  auto waiting = std::vector<const GumboNode*>{&root};
  while (!waiting.empty()) {
    const auto* const node = waiting.back();
    waiting.pop_back();
    const auto* children = children_of(*node);
    if (children == nullptr)
      continue;
    note(*node, found);
    for (auto i = children->length; i > 0; --i)
      waiting.push_back(static_cast<const GumboNode*>(children->data[i - 1]));
  }
  const auto several =
    found.main != nullptr && is_element(*found.main, GUMBO_TAG_ARTICLE) && found.articles > 1;
  if (several)
    found.main = nullptr;  // a list of teasers: the whole body says more
  return found;
}

std::string title_of(const GumboNode* title) {
  if (title == nullptr)
    return {};
  auto out = text_layout{title_bytes_max};
  const auto* children = children_of(*title);
  for (unsigned i = 0; i < children->length; ++i) {
    const auto& child = *static_cast<const GumboNode*>(children->data[i]);
    if (child.type == GUMBO_NODE_TEXT)
      out.flow(child.v.text.text);
  }
  return out.take();
}

std::string text_of(const landmarks& found, std::string_view base_url, std::size_t bytes_max) {
  auto text = std::string{};
  if (found.main != nullptr)
    text = page_writer{base_url, bytes_max}.write(*found.main);
  if (text.size() < main_text_min && found.body != nullptr)
    text = page_writer{base_url, bytes_max}.write(*found.body);
  return text;
}

/// Whether the tag at the beginning of `text` is `<name` (lower case).
bool opens(std::string_view text, std::string_view name) {
  return text.size() > name.size()
         && std::equal(name.begin(), name.end(), text.begin() + 1,
                       [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

/// Drops up to and with the next `end`; everything when there is none.
void skip_past(std::string_view& text, std::string_view end) {
  const auto found = text.find(end);
  text.remove_prefix(found == std::string_view::npos ? text.size() : found + end.size());
}

/// For pages beyond the limits. Linear, whatever the page does; leaves entities as they are.
std::string without_tags(std::string_view html, std::size_t bytes_max) {
  auto out = text_layout{bytes_max};
  while (!html.empty() && !out.is_full()) {
    const auto tag = std::min(html.find('<'), html.size());
    out.flow(html.substr(0, tag));
    out.flow(" ");
    html.remove_prefix(tag);
    if (opens(html, "script") || opens(html, "style"))
      skip_past(html, "</");
    skip_past(html, ">");
  }
  return out.take();
}

}  // namespace

html_page read_html(std::string_view html, std::string_view base_url, const html_limits& limits) {
  auto tree = html_tree{};
  if (!tree.parse(html, limits))
    return {{}, without_tags(html, limits.text_bytes_max)};
  const auto found = look_through(*tree.root());
  // Gumbo makes ill-formed bytes of a reference to a character whose number overflows.
  return {repaired_utf8(title_of(found.title)),
          repaired_utf8(text_of(found, base_url, limits.text_bytes_max))};
}

}  // namespace persona_runtime
