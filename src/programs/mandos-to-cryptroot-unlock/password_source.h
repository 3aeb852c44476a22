// PasswordSource: plugin-runner, run until it gives a password. Invariant: no process of it is left when this
// object is gone. There is one in a program.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "adapters/password_process/password_process.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "programs/mandos-to-cryptroot-unlock/settings.h"

namespace mandos::unlock {

class PasswordSource {
  public:
    // SETTINGS are used, not kept.
    explicit PasswordSource(const Settings& settings) : settings_(settings) {}
    PasswordSource(const PasswordSource&) = delete;
    PasswordSource& operator=(const PasswordSource&) = delete;
    ~PasswordSource() { end(); }

    // An error: it cannot be started.
    Result<void> start();
    bool is_running() const { return process_.pid > 0; }
    // Becomes readable when there is something for advance() to do; -1: none.
    int descriptor() const { return process_.output.get(); }

    // Takes what there is. A password, once: when it has closed its output and goes on (it puts the network
    // back then, which nobody has to wait for), or when it has ended well. An error: it has ended otherwise,
    // and how.
    Result<std::optional<SecretBytes>> advance();

    // Asks it to end, if it has given no password, and waits until it has: it puts the network back. Kills it
    // if that takes too long.
    void end();

  private:
    Result<void> read_output();
    std::optional<SecretBytes> take();
    std::optional<int> reap();
    void forget();

    const Settings& settings_;
    password_process::PasswordProcess process_;
    SecretBytes output_;
    std::size_t filled_ = 0; // bytes of output_
    bool given_ = false;     // the password
};

} // namespace mandos::unlock
