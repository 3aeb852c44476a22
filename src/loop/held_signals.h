// HeldSignals: signals that come while it lives wait until it goes, so that none is lost, or kills, between
// two handlers. For the thread that makes it, and those that this one starts.
#pragma once

#include <csignal>
#include <initializer_list>

namespace mandos::loop {

class HeldSignals {
  public:
    struct All {}; // that can be

    HeldSignals(std::initializer_list<int> signals);
    explicit HeldSignals(All all);
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals() { release(); }

    // Lets them through, those first that have come.
    void release();

  private:
    sigset_t before_{};
    bool held_ = true;
};

} // namespace mandos::loop
