#include "providers/http/client_core.hpp"

namespace persona_runtime {

namespace asio = boost::asio;

client_core::client_core(asio::io_context& io, http_client_options options,
                         std::shared_ptr<tls_context> tls)
  : io_{io}, options_{std::move(options)}, tls_{std::move(tls)},
    names_{std::make_shared<name_cache>(io, options_.name_ttl)}, timer_{io} {
}

void client_core::begin(std::shared_ptr<exchange> e) {
  if (closed_ || e->is_cancelled()) {
    return;
  }
  e->slot = table_.size();
  table_.push_back({steady_time::max(), e});
  arm();
  e->begin(*this);
}

void client_core::close() {
  closed_ = true;
  queue_.clear();
  while (!table_.empty()) {
    auto last = table_.back().call;
    last->cancel_soon();
    last->drop();
  }
  while (auto idle = pool_.take_oldest()) {
    idle->close();
  }
  names_->close();
  timer_.cancel();
}

void client_core::place(exchange& e, bool fresh) {
  const auto key = e.to().key();
  while (!fresh) {
    auto kept = pool_.take(key);
    if (!kept) {
      break;
    }
    if (kept->is_quiet()) {
      e.use_kept(std::move(kept));
      return;
    }
    kept->close();
    --open_;
  }
  if (make_room()) {
    ++open_;
    e.connect_with(std::make_shared<connection>(io_));
  } else if (has_queue_room()) {
    queue_.push_back(e.weak_from_this());
  } else {
    e.fail(http_error_kind::refused,
           "all " + std::to_string(options_.connections_max) + " connections are in use and "
             + std::to_string(options_.queue_max) + " calls wait already");
  }
}

std::size_t client_core::close_idle(std::size_t count) {
  auto closed = std::size_t{0};
  while (closed < count) {
    auto oldest = pool_.take_oldest();
    if (!oldest) {
      break;
    }
    oldest->close();
    --open_;
    ++closed;
  }
  return closed;
}

bool client_core::has_queue_room() {
  if (queue_.size() >= options_.queue_max) {
    std::erase_if(queue_, [](const auto& waiting) { return waiting.expired(); });
  }
  return queue_.size() < options_.queue_max;
}

bool client_core::make_room() {
  if (open_ >= options_.connections_max) {
    if (auto oldest = pool_.take_oldest()) {
      oldest->close();
      --open_;
    }
  }
  return open_ < options_.connections_max;
}

void client_core::release(const std::shared_ptr<connection>& used, const destination& to,
                          bool keep) {
  if (keep && !closed_) {
    used->use({});
    pool_.put(to.key(), used, std::chrono::steady_clock::now());
  } else {
    used->close();
    --open_;
  }
  if (!queue_.empty() && !serving_) {
    // Posted: whoever releases is in the middle of something.
    serving_ = true;
    asio::post(io_, [self = shared_from_this()] { self->serve_queue(); });
  }
}

void client_core::serve_queue() {
  serving_ = false;
  while (!queue_.empty() && (open_ < options_.connections_max || pool_.size() > 0)) {
    auto next = queue_.front().lock();
    queue_.pop_front();
    if (next && !next->has_ended() && !next->is_cancelled()) {
      place(*next, false);
    }
  }
}

void client_core::end_of(exchange& e) {
  auto slot = e.slot;
  auto leaving = std::move(table_[slot].call);
  if (slot + 1 < table_.size()) {
    table_[slot] = std::move(table_.back());
    table_[slot].call->slot = slot;
  }
  table_.pop_back();
}

void client_core::resolve(exchange& e) {
  const auto& to = e.to();
  names_->resolve(to.address.empty() ? to.host : to.address, to.port,
                  [weak = e.weak_from_this()](const auto& error, const auto& endpoints) {
                    if (auto call = weak.lock()) {
                      call->on_resolved(error, endpoints);
                    }
                  });
}

void client_core::arm() {
  if (armed_ || closed_) {
    return;
  }
  armed_ = true;
  timer_.expires_after(options_.sweep);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    self->armed_ = false;
    if (!error) {
      self->sweep();
    }
  });
}

void client_core::sweep() {
  const auto now = std::chrono::steady_clock::now();
  auto due = std::vector<std::shared_ptr<exchange>>{};
  for (const auto& [when, call] : table_) {
    if (when <= now) {
      due.push_back(call);
    }
  }
  for (const auto& call : due) {
    if (!call->has_ended()) {
      call->on_due(now);
    }
  }
  while (auto idle = pool_.take_older_than(now - options_.idle_timeout)) {
    idle->close();
    --open_;
  }
  if (!table_.empty() || pool_.size() > 0) {
    arm();
  }
}

}  // namespace persona_runtime
