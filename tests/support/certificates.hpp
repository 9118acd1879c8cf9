#pragma once
// Certificates made when a test needs them, so that none in the tree can expire.

#include "tests/support/loopback_server.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace persona_runtime::test {

struct certificate_wish {
  std::string names = "IP:127.0.0.1,DNS:localhost";  // subjectAltName
  long valid_for_s = 3600;                           // from now; negative: expired
};

/// An authority of its own in a directory that goes with it.
class test_authority {
public:
  test_authority();
  ~test_authority();
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;

  [[nodiscard]] std::string ca_file() const;
  [[nodiscard]] loopback_tls issue(const certificate_wish& wish);

private:
  struct keys;
  std::unique_ptr<keys> keys_;
  std::filesystem::path dir_;
  int issued_ = 0;
};

}  // namespace persona_runtime::test
