#include "bootstrap/settings/check_settings.hpp"

#include <algorithm>
#include <set>

namespace persona_runtime {
namespace {

bool consists_of(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";
constexpr std::string_view name_letters =
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

class checker {
public:
  explicit checker(const loaded_settings& loaded) : loaded_{loaded}, values_{loaded.values} {}

  std::vector<config_problem> run() {
    check_limits();
    check_embedder();
    for (std::size_t i = 0; i < values_.auth.keys.size(); ++i)
      check_auth_key(i);
    for (const auto& [name, tier] : values_.tiers)
      check_tier("tiers." + name, tier);
    for (std::size_t i = 0; i < values_.tools.size(); ++i)
      check_tool(i);
    return std::move(problems_);
  }

private:
  void complain(const std::string& path, std::string_view text) {
    problems_.push_back({loaded_.source_of(path).value_or(""), path + ": " + std::string{text}});
  }

  [[nodiscard]] bool is_set(const std::string& path) const { return loaded_.set.contains(path); }

  void check_limits() {
    const auto& limits = values_.limits;
    if (limits.steps_default <= limits.steps_max)
      return;
    complain("limits.steps_default", "steps_default (" + std::to_string(limits.steps_default)
                                       + ") is above steps_max (" + std::to_string(limits.steps_max)
                                       + ')');
  }

  void check_embedder() {
    const auto& embedder = values_.embedder;
    if (embedder.base_url)
      check_url("memory.embedder.base_url", *embedder.base_url);
    if (embedder.base_url.has_value() != embedder.model.has_value())
      complain(embedder.base_url ? "memory.embedder.base_url" : "memory.embedder.model",
               "`base_url` and `model` belong together");
    if (!embedder.api_key.empty() && embedder.api_key_file)
      complain("memory.embedder.api_key_file", "`api_key` and `api_key_file` exclude each other");
  }

  void check_auth_key(std::size_t i) {
    const auto& key = values_.auth.keys[i];
    const auto path = "auth.keys[" + std::to_string(i) + ']';
    const auto& digest = key.sha256.reveal();
    if (!digest.empty() && (digest.size() != 64 || !consists_of(digest, hex_digits))) {
      complain(path + ".sha256", "64 hex digits are wanted: printf %s KEY | sha256sum");
    }
    if (!key.name.empty() && !key_names_.insert(key.name).second) {
      complain(path + ".name", "two keys are called `" + key.name.substr(0, 64) + '`');
    }
  }

  void check_tier(const std::string& path, const tier_settings& tier) {
    if (!tier.models.empty() && (tier.provider || tier.model)) {
      complain(path + ".models", "`models` and `provider`/`model` exclude each other");
    }
    if (is_set(path + ".models") && tier.models.empty()) {
      complain(path + ".models", "the list is empty");
    }
    if (!tier.api_key.empty() && tier.api_key_file) {
      complain(path + ".api_key_file", "`api_key` and `api_key_file` exclude each other");
    }
    if (tier.base_url)
      check_url(path + ".base_url", *tier.base_url);
  }

  void check_tool(std::size_t i) {
    const auto& tool = values_.tools[i];
    const auto path = "tools[" + std::to_string(i) + ']';
    const bool is_name = tool.name.size() <= 64 && consists_of(tool.name, name_letters);
    if (!is_name)
      complain(path + ".name", "1 to 64 of a-z A-Z 0-9 _ and - are wanted");
    if (!tool.name.empty() && !tool_names_.insert(tool.name).second) {
      complain(path + ".name", "two tools are called `" + tool.name.substr(0, 64) + '`');
    }
    if (tool.url)
      check_url(path + ".url", *tool.url);
    if (tool.kind == "http") {
      if (!tool.url)
        complain(path + ".kind", "a tool of kind http needs `url`");
      if (is_set(path + ".command"))
        complain(path + ".command", "is for tools of kind command");
      if (is_set(path + ".sandbox"))
        complain(path + ".sandbox", "is for tools of kind command");
    }
    if (tool.kind == "command") {
      const bool is_runnable = !tool.command.empty() && !tool.command.front().empty();
      if (!is_runnable)
        complain(path + ".kind", "a tool of kind command needs `command`");
      if (tool.url)
        complain(path + ".url", "is for tools of kind http or mcp");
    }
    if (tool.kind == "mcp" && !tool.url && tool.command.empty()) {
      complain(path + ".kind", "a tool of kind mcp needs `url` or `command`");
    }
  }

  void check_url(const std::string& path, const std::string& url) {
    if (const auto wrong = wrong_with_url(url))
      complain(path, *wrong);
  }

  const loaded_settings& loaded_;
  const settings& values_;
  std::vector<config_problem> problems_;
  std::set<std::string> key_names_;
  std::set<std::string> tool_names_;
};

}  // namespace

std::vector<config_problem> check_settings(const loaded_settings& loaded) {
  return checker{loaded}.run();
}

std::optional<std::string> wrong_with_url(std::string_view url) {
  auto rest = url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return "a URL that begins with http:// or https:// is wanted";
  }
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty() || authority.front() == ':')
    return "the URL has no host";
  if (authority.find('@') != std::string_view::npos) {
    return "the URL holds a user or password; put the key where keys belong";
  }
  const bool is_clean = std::all_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f;
  });
  if (!is_clean)
    return "the URL holds blanks or control characters";
  if (url.find('#') != std::string_view::npos)
    return "the URL holds a fragment (#…)";
  return std::nullopt;
}

}  // namespace persona_runtime
