#pragma once
// A process that has run out of descriptors, for tests of what happens then.

#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace persona_runtime::test {

/// All descriptors but those in use are taken, until this goes.
class no_descriptors {
public:
  no_descriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    auto few = before_;
    few.rlim_cur = 256;  // so that taking them all takes no time
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (auto taken = ::dup(0); taken >= 0; taken = ::dup(0))
      taken_.push_back(taken);
  }
  ~no_descriptors() { release(); }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;

  void free_some(int count) {
    for (; count > 0 && !taken_.empty(); --count) {
      ::close(taken_.back());
      taken_.pop_back();
    }
  }
  void release() {
    free_some(1'000'000);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

private:
  rlimit before_{};
  std::vector<int> taken_;
};

}  // namespace persona_runtime::test
