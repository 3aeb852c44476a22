// OpenSSH's sshd as a process of a test's own, on port 22 of loopback: in enter_own_network(), as root.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace mandos::support {

class Sshd {
  public:
    // With a new host key of each of TYPES ("ed25519", "ecdsa", "rsa"); it listens when this returns.
    explicit Sshd(const std::vector<std::string>& types);
    Sshd(const Sshd&) = delete;
    Sshd& operator=(const Sshd&) = delete;
    // Ends it, with what it has started.
    ~Sshd();

    // "ssh-ed25519 AAAA...": its key of TYPE.
    std::string key_line(const std::string& type) const;

  private:
    std::string folder_;
    pid_t process_ = -1;
};

} // namespace mandos::support
