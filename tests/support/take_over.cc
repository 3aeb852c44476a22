// take_over PID [DESCRIPTOR HEX]: makes a running process do what an attacker would who has taken it over, by
// ptrace(2) from outside: its own next instruction is a system call of ours. Prints a line for each attempt,
// "WHAT: RESULT", where RESULT is "done" or the name of the error, and lets the process go on as if nothing
// had been. With a DESCRIPTOR, it sends the bytes HEX to that socket of its, and does nothing else.
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#ifndef __x86_64__
#error "written for x86-64: other processors have other registers"
#endif

namespace {

using Registers = user_regs_struct;
using Argument = std::uint64_t;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(EXIT_FAILURE);
}

class Victim {
  public:
    explicit Victim(pid_t pid) : pid_(pid) {
        if (ptrace(PTRACE_SEIZE, pid_, nullptr, nullptr) != 0
            || ptrace(PTRACE_INTERRUPT, pid_, nullptr, nullptr) != 0)
            give_up("take_over: cannot trace it");
        wait_for_stop();
        if (ptrace(PTRACE_GETREGS, pid_, nullptr, &before_) != 0)
            give_up("take_over: cannot read its registers");
        // It waits in a system call, so that is what lies before its next instruction.
        constexpr unsigned instruction = 0x050f;
        const long code = ptrace(PTRACE_PEEKTEXT, pid_, before_.rip - 2, nullptr);
        if ((static_cast<unsigned long>(code) & 0xffff) != instruction)
            give_up("take_over: it is not in a system call");
        scratch_ = (before_.rsp - 8192) & ~Argument{15};
    }
    Victim(const Victim&) = delete;
    Victim& operator=(const Victim&) = delete;
    ~Victim() {
        (void)ptrace(PTRACE_SETREGS, pid_, nullptr, &before_);
        (void)ptrace(PTRACE_DETACH, pid_, nullptr, nullptr);
    }

    // Puts CONTENT into its memory; the next call of this puts other content there.
    Argument put_bytes(std::span<const char> content) {
        std::vector<char> padded(content.begin(), content.end());
        padded.resize((padded.size() + sizeof(long)) / sizeof(long) * sizeof(long));
        for (std::size_t at = 0; at < padded.size(); at += sizeof(long)) {
            long word = 0;
            std::memcpy(&word, padded.data() + at, sizeof word);
            if (ptrace(PTRACE_POKEDATA, pid_, scratch_ + at, word) != 0)
                give_up("take_over: cannot write to its memory");
        }
        return scratch_;
    }
    Argument put(const std::string& text) { return put_bytes(std::span(text.c_str(), text.size() + 1)); }

    // What the system call CALL returns to it.
    long call(long number, std::array<Argument, 6> arguments) {
        Registers registers = before_;
        registers.rip -= 2;
        registers.orig_rax = ~0ULL; // nothing to start again
        registers.rax = static_cast<Argument>(number);
        registers.rdi = arguments[0];
        registers.rsi = arguments[1];
        registers.rdx = arguments[2];
        registers.r10 = arguments[3];
        registers.r8 = arguments[4];
        registers.r9 = arguments[5];
        if (ptrace(PTRACE_SETREGS, pid_, nullptr, &registers) != 0
            || ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr) != 0)
            give_up("take_over: cannot make it do anything");
        wait_for_stop();
        if (ptrace(PTRACE_GETREGS, pid_, nullptr, &registers) != 0)
            give_up("take_over: cannot read its registers");
        return static_cast<long>(registers.rax);
    }

  private:
    void wait_for_stop() const {
        int status = 0;
        if (waitpid(pid_, &status, 0) != pid_ || !WIFSTOPPED(status))
            give_up("take_over: it does not stop");
    }

    pid_t pid_;
    Registers before_{};
    Argument scratch_ = 0;
};

void tell(const char* what, long result) {
    fmt::print("{}: {}\n", what, result >= 0 ? "done" : strerrorname_np(static_cast<int>(-result)));
}

constexpr Argument here = static_cast<Argument>(AT_FDCWD);

void try_sockets(Victim& victim) {
    const long control = victim.call(SYS_socket, {AF_INET, SOCK_DGRAM | SOCK_CLOEXEC});
    tell("make an IPv4 socket", control); // shows that what is refused below is refused by the rules
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    const Argument link =
        victim.put_bytes(std::span(reinterpret_cast<const char*>(&request), sizeof request));
    tell("change a link", victim.call(SYS_ioctl, {static_cast<Argument>(control), SIOCSIFFLAGS, link}));
    tell("close it", victim.call(SYS_close, {static_cast<Argument>(control)}));
    tell("make a local socket", victim.call(SYS_socket, {AF_UNIX, SOCK_STREAM}));
    tell("make a netlink socket", victim.call(SYS_socket, {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE}));
    tell("make a packet socket", victim.call(SYS_socket, {AF_PACKET, SOCK_RAW}));
}

void try_files(Victim& victim) {
    tell("read a file", victim.call(SYS_openat, {here, victim.put("/etc/hostname"), O_RDONLY}));
    tell("read its environment", victim.call(SYS_openat, {here, victim.put("/proc/self/environ"), O_RDONLY}));
    tell("write a file", victim.call(SYS_openat, {here, victim.put("/tmp/taken"), O_WRONLY | O_CREAT, 0600}));
    tell("remove a file", victim.call(SYS_unlinkat, {here, victim.put("/tmp/taken"), 0}));
}

void try_processes(Victim& victim) {
    tell("execute a program", victim.call(SYS_execve, {victim.put("/bin/true"), 0, 0}));
    tell("trace another", victim.call(SYS_ptrace, {PTRACE_ATTACH, 1}));
    tell("become root", victim.call(SYS_setuid, {0}));
    tell("make a user namespace", victim.call(SYS_unshare, {CLONE_NEWUSER}));
}

void try_to_send(Victim& victim, const char* descriptor, std::string_view hex) {
    std::vector<char> bytes;
    for (; hex.size() >= 2; hex.remove_prefix(2))
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16)));
    const Argument at = victim.put_bytes(bytes);
    tell("send", victim.call(SYS_sendto, {static_cast<Argument>(std::atoi(descriptor)), at, bytes.size(),
                                          MSG_DONTWAIT | MSG_NOSIGNAL}));
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2 && argc != 4) {
        std::fputs("usage: take_over PID [DESCRIPTOR HEX]\n", stderr);
        return EXIT_FAILURE;
    }
    Victim victim(static_cast<pid_t>(std::strtol(argv[1], nullptr, 10)));
    if (argc == 4) {
        try_to_send(victim, argv[2], argv[3]);
        return EXIT_SUCCESS;
    }
    try_sockets(victim);
    try_files(victim);
    try_processes(victim);
    return EXIT_SUCCESS;
}
