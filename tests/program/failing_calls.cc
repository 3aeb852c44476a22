// Loaded in front of libc (LD_PRELOAD): the Nth call of one function fails with EIO, which no disk does on
// demand, or gets the process a signal and goes on. MANDOS_FAILING_CALL is "rename:3", or "rename:3:15" for
// SIGTERM. Only for programs under test.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fmt/core.h>
#include <unistd.h>

namespace {

bool is_due(std::string_view function) {
    static std::atomic<int> calls = 0;
    const char* setting = std::getenv("MANDOS_FAILING_CALL"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (setting == nullptr || !std::string_view(setting).starts_with(std::string(function) + ":"))
        return false;
    char* rest = nullptr;
    if (std::strtol(setting + function.size() + 1, &rest, 10) != ++calls)
        return false;
    // So that a test knows that it came that far.
    const std::string line = fmt::format("failing_calls: {}\n", setting);
    (void)!write(STDERR_FILENO, line.data(), line.size());
    if (*rest == ':') {
        (void)kill(getpid(), static_cast<int>(std::strtol(rest + 1, nullptr, 10)));
        return false;
    }
    errno = EIO;
    return true;
}

template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" {

int rename(const char* from, const char* to) noexcept {
    return is_due("rename") ? -1 : real<int(const char*, const char*)>("rename")(from, to);
}

int link(const char* from, const char* to) noexcept {
    return is_due("link") ? -1 : real<int(const char*, const char*)>("link")(from, to);
}

int fsync(int fd) {
    return is_due("fsync") ? -1 : real<int(int)>("fsync")(fd);
}

int mkostemp(char* name, int flags) {
    return is_due("mkostemp") ? -1 : real<int(char*, int)>("mkostemp")(name, flags);
}
}
