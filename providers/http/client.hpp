#pragma once
// The one implementation of http_client.

#include "domain/failure.hpp"
#include "providers/http/http_client.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace persona_runtime {

struct http_client_options {
  std::size_t connections_max = 12'000;  // open ones, idle and connecting included
  std::size_t queue_max = 10'000;        // calls that wait for a connection; beyond: refused
  std::chrono::milliseconds idle_timeout{30'000};  // of a kept-alive connection
  // How long a call on a kept-alive connection holds its request, to send it again when that
  // connection turns out to have died. It does so within a round trip.
  std::chrono::milliseconds resend_within{1'000};
  std::chrono::milliseconds sweep{50};        // how late a timeout may be noticed; one timer in all
  std::chrono::milliseconds name_ttl{5'000};  // how long a resolved name is used again
  std::string extra_ca_file;                  // PEM, trusted beside the system's authorities
};

/// All connections live on `io`, which one thread runs and which outlives the client. When the
/// client is destroyed its calls end without a callback. A call in the queue is only subject to
/// its total timeout. Failure: validation_error when the trusted authorities cannot be read.
[[nodiscard]] result<std::unique_ptr<http_client>> make_http_client(boost::asio::io_context& io,
                                                                    http_client_options options);

}  // namespace persona_runtime
