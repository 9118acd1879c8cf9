#include "bootstrap/cli/line_source.hpp"

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <histedit.h>
#include <unistd.h>
#include <utility>

namespace persona_runtime::cli {
namespace {

constexpr auto lines_kept = 1'000;

/// libedit draws what it is given; only a locale that knows UTF-8 lets it count the columns.
void use_utf8() {
  if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX < 4)
    std::setlocale(LC_CTYPE, "C.UTF-8");
}

class line_editor final : public line_source {
public:
  explicit line_editor(std::string history_file) : file_{std::move(history_file)} {
    use_utf8();
    editor_ = el_init("persona", stdin, stderr, stderr);
    history_ = history_init();
  }
  ~line_editor() override {
    save();
    if (history_ != nullptr)
      history_end(history_);
    if (editor_ != nullptr)
      el_end(editor_);
  }
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;

  /// False: the terminal cannot be used.
  bool open() {
    if (editor_ == nullptr || history_ == nullptr)
      return false;
    auto event = HistEvent{};
    history(history_, &event, H_SETSIZE, lines_kept);
    history(history_, &event, H_SETUNIQUE, 1);
    if (!file_.empty())
      history(history_, &event, H_LOAD, file_.c_str());  // none yet: nothing to load
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, &line_editor::prompt_of);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_SIGNAL, 1);  // SIGTERM and the like give the terminal back first
    el_source(editor_, nullptr);
    // Ctrl-C is a key here: as a signal it would be for the turn that runs next.
    el_set(editor_, EL_SETTY, "-d", "intr=", nullptr);
    el_wset(editor_, EL_ADDFN, L"persona-drop", L"Drop the line", &line_editor::drop);
    el_set(editor_, EL_BIND, "^C", "persona-drop", nullptr);
    return true;
  }

  answer read(const std::string& prompt) override {
    prompt_ = prompt;
    dropped_ = false;
    auto count = 0;
    const auto* typed = el_gets(editor_, &count);
    if (dropped_) {
      el_reset(editor_);
      std::fputs("^C\n", stderr);
      return {kind::interrupted};
    }
    if (typed == nullptr || count <= 0) {
      std::fputs("\n", stderr);
      return {};
    }
    auto line = std::string{typed, std::min(static_cast<std::size_t>(count), typed_bytes_max)};
    while (line.ends_with('\n') || line.ends_with('\r'))
      line.pop_back();
    if (!line.empty()) {
      auto event = HistEvent{};
      history(history_, &event, H_ENTER, line.c_str());
    }
    return {kind::line, std::move(line)};
  }

private:
  static line_editor& self_of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<line_editor*>(self);
  }
  static char* prompt_of(EditLine* editor) { return self_of(editor).prompt_.data(); }
  static unsigned char drop(EditLine* editor, int) {
    self_of(editor).dropped_ = true;
    return CC_NEWLINE;
  }

  /// What was typed is nobody else's business, so the file is made before libedit writes to it.
  void save() {
    if (history_ == nullptr || file_.empty())
      return;
    auto failed = std::error_code{};
    std::filesystem::create_directories(std::filesystem::path{file_}.parent_path(), failed);
    const auto made = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (made < 0)
      return;
    ::close(made);
    auto event = HistEvent{};
    history(history_, &event, H_SAVE, file_.c_str());
  }

  std::string file_;
  std::string prompt_;
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
  bool dropped_ = false;
};

}  // namespace

std::unique_ptr<line_source> make_line_editor(const std::string& history_file) {
  auto made = std::make_unique<line_editor>(history_file);
  if (!made->open())
    return nullptr;
  return made;
}

}  // namespace persona_runtime::cli
