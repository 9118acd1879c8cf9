#include "providers/chat/scripted.hpp"

#include "providers/chat/reply_player.hpp"

#include <mutex>
#include <utility>

namespace persona_runtime {
namespace {

class scripted_provider final : public chat_provider {
public:
  scripted_provider(chat_script script, tokenizer_ptr counter, io_thread& thread)
    : script_{std::move(script)}, counter_{std::move(counter)}, thread_{thread} {}

  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    scripted_reply reply = next(request.purpose);
    return play(std::move(reply), std::move(request), std::move(done), counter_, thread_);
  }

private:
  scripted_reply next(call_purpose purpose) {
    const std::lock_guard lock{mutex_};
    const bool summary = purpose == call_purpose::summary;
    const auto& list = summary ? script_.summaries : script_.steps;
    std::size_t& played = summary ? summaries_played_ : steps_played_;
    if (played < list.size())
      return list[played++];
    scripted_reply used_up;
    used_up.usage = summary ? token_usage{5, 2} : token_usage{1, 0};
    if (summary)
      used_up.deltas = {"SUMMARY"};
    return used_up;
  }

  const chat_script script_;
  const tokenizer_ptr counter_;
  io_thread& thread_;
  std::mutex mutex_;
  std::size_t steps_played_ = 0;
  std::size_t summaries_played_ = 0;
};

}  // namespace

std::shared_ptr<chat_provider> make_scripted_provider(chat_script script, tokenizer_ptr counter,
                                                      io_thread& thread) {
  return std::make_shared<scripted_provider>(std::move(script), std::move(counter), thread);
}

}  // namespace persona_runtime
