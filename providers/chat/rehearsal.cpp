#include "providers/chat/rehearsal.hpp"

#include "providers/chat/rehearsal/rehearse.hpp"
#include "providers/chat/reply_player.hpp"

#include <utility>

namespace persona_runtime {
namespace {

/// The text in pieces of a few words, as a model would send it.
std::vector<std::string> in_pieces(const std::string& text) {
  constexpr std::size_t piece_bytes_min = 24;
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find(' ', begin + piece_bytes_min);
    end = end == std::string::npos ? text.size() : end;
    pieces.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

class rehearsal_provider final : public chat_provider {
public:
  rehearsal_provider(tokenizer_ptr counter, io_thread& thread, std::chrono::milliseconds pace)
    : counter_{std::move(counter)}, thread_{thread}, pace_{pace} {}

  std::unique_ptr<pending_call> start(chat_request request, on_done done) override {
    rehearsal::reply reply = rehearsal::rehearse(request);
    scripted_reply played;
    played.deltas = in_pieces(reply.text);
    played.calls = std::move(reply.calls);
    played.delay = pace_;
    played.usage = counted_usage(*counter_, request.context, reply.text);
    played.usage->estimated = false;  // these counts are what this model uses
    return play(std::move(played), std::move(request), std::move(done), counter_, thread_);
  }

private:
  const tokenizer_ptr counter_;
  io_thread& thread_;
  const std::chrono::milliseconds pace_;
};

}  // namespace

std::shared_ptr<chat_provider> make_rehearsal_provider(tokenizer_ptr counter, io_thread& thread,
                                                       std::chrono::milliseconds pace) {
  return std::make_shared<rehearsal_provider>(std::move(counter), thread, pace);
}

}  // namespace persona_runtime
