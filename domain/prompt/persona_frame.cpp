#include "domain/prompt/persona_frame.hpp"

#include "domain/prompt/reply_language.hpp"
#include "domain/text/utf8.hpp"

#include <algorithm>
#include <initializer_list>

namespace persona_runtime {
namespace {

std::string opener_text(const persona_identity& who, const floor_texts& texts) {
  auto out = with_values(texts.opener, {{"name", who.name}, {"role", who.role}});
  out += '\n';
  out += who.background;
  return std::string{stripped(out)};
}

std::string language_text(const persona_identity& who, const floor_texts& texts,
                          std::string_view reply_language) {
  const auto language =
    ordered_language(reply_language.empty() ? who.language_default : reply_language);
  return language ? with_values(texts.language, {{"language", *language}}) : std::string{};
}

std::string prohibitions_text(const persona_identity& who, const floor_texts& texts) {
  if (who.constraints.empty())
    return {};
  auto out = texts.prohibitions;
  for (auto i = std::size_t{0}; i < who.constraints.size(); ++i)
    out.append("\n").append(std::to_string(i + 1)).append(". ").append(who.constraints[i]);
  return out;
}

class tool_gate {
public:
  tool_gate(const persona& p, std::span<const std::string> offered)
    : listed_{p.tools}, offered_{allows_all_tools(p) ? offered : std::span<const std::string>{}} {}

  [[nodiscard]] bool any(std::initializer_list<std::string_view> names) const {
    return std::ranges::any_of(names, [&](std::string_view name) {
      return std::ranges::find(listed_, name) != listed_.end()
             || std::ranges::find(offered_, name) != offered_.end();
    });
  }

  [[nodiscard]] std::string text_for(std::initializer_list<std::string_view> names,
                                     const std::string& text) const {
    return any(names) ? text : std::string{};
  }

private:
  std::span<const std::string> listed_;
  std::span<const std::string> offered_;
};

}  // namespace

frame_ptr make_frame(const persona& p, const floor_texts& texts, const frame_options& options,
                     const text_counter& count) {
  const auto gate = tool_gate{p, options.tools_offered};
  auto out = std::make_shared<persona_frame>();
  out->opener = make_opening(opener_text(p.identity, texts), count);
  out->language = make_section(language_text(p.identity, texts, options.reply_language), count);
  out->prohibitions = make_section(prohibitions_text(p.identity, texts), count);
  out->workspace = make_section(
    gate.text_for({"file_read", "file_write", "code_execution"}, texts.workspace), count);
  out->produced_files =
    make_section(gate.text_for({"code_execution"}, texts.produced_files), count);
  out->app_discovery = make_section(gate.text_for({"mcp_search"}, texts.app_discovery), count);
  out->footer = make_ending(texts.footer, count);
  return out;
}

}  // namespace persona_runtime
