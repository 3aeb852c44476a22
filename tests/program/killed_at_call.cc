// Loaded in front of libc (LD_PRELOAD): the process gets SIGKILL at the Nth call that changes what is below
// one folder, and beside it an account is kept of what a power cut at that moment would leave. Only for
// programs under test; tests/program/killed_server.py reads what it writes.
//
//   MANDOS_KILL_FOLDER  the folder
//   MANDOS_KILL_CALL    "12:before", "12:after", or "12:half": of a write only the first half is done. 0:
//   none MANDOS_KILL_ACCOUNT a folder that anybody may write; there are then
//     calls             a line for each call: what it was, and on which file
//     synced/INODE      what the file held when it was synced last
//     entries/NAME      the inode of a file whose name is durable: the folder was synced while it had it
//
// The account is the strictest that POSIX allows: what was written and not synced is lost, all of it, and so
// is each creation, deletion and renaming that no fsync() of the folder followed. Calls come from several
// threads, but those on the store from one.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nobody sets it
    return value == nullptr ? "" : value;
}

struct Order {
    std::string folder = variable("MANDOS_KILL_FOLDER");
    std::string account = variable("MANDOS_KILL_ACCOUNT");
    long call = 0;
    std::string when;

    Order() {
        const std::string text = variable("MANDOS_KILL_CALL");
        call = std::strtol(text.c_str(), nullptr, 10);
        when = text.substr(std::min(text.find(':'), text.size() - 1) + 1);
    }
};

const Order& order() {
    static const Order one;
    return one;
}

thread_local bool inside = false; // what the account itself calls is no call

// The name of a file in the folder ("" is the folder itself); nothing: it is elsewhere.
std::optional<std::string> name_in_folder(std::string_view path) {
    const std::string& folder = order().folder;
    if (inside || folder.empty() || !path.starts_with(folder))
        return std::nullopt;
    path.remove_prefix(folder.size());
    if (!path.empty() && path.front() != '/')
        return std::nullopt;
    return std::string(path.empty() ? path : path.substr(1));
}

std::optional<std::string> name_in_folder(int fd) {
    if (inside || order().folder.empty())
        return std::nullopt;
    std::array<char, PATH_MAX> path{};
    const ssize_t size = readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), path.data(), path.size());
    if (size < 0)
        return std::nullopt;
    return name_in_folder(std::string_view(path.data(), static_cast<std::size_t>(size)));
}

[[noreturn]] void die() {
    (void)kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

std::string inode_of(const fs::path& path) {
    struct stat status{};
    return stat(path.c_str(), &status) == 0 ? std::to_string(status.st_ino) : "";
}

void copy_over(const fs::path& from, const fs::path& to) {
    std::error_code ignored; // a file that is gone meanwhile
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, ignored);
}

void write_text(const fs::path& path, const std::string& text) {
    std::ofstream(path) << text;
}

void account_file_synced(const std::string& name) {
    const fs::path path = fs::path(order().folder) / name;
    copy_over(path, fs::path(order().account) / "synced" / inode_of(path));
}

void account_folder_synced() {
    const fs::path entries = fs::path(order().account) / "entries";
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(entries, ignored))
        fs::remove(entry.path(), ignored);
    for (const auto& entry : fs::directory_iterator(order().folder, ignored))
        write_text(entries / entry.path().filename(), inode_of(entry.path()));
}

// One call that changes something, or makes it durable.
class Call {
  public:
    Call(std::string_view what, const std::optional<std::string>& name) : counts_(name.has_value()) {
        if (!counts_)
            return;
        static std::atomic<long> calls = 0;
        inside = true;
        const long number = ++calls;
        std::ofstream(order().account + "/calls", std::ios::app) << what << ' ' << *name << '\n';
        is_it_ = number == order().call;
        inside = false;
        if (is_it_ && order().when == "before")
            die();
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
        if (is_it_)
            die(); // after it
    }

    bool counts() const { return counts_; }
    bool is_halved() const { return is_it_ && order().when == "half"; }

  private:
    bool counts_;
    bool is_it_ = false;
};

int synced(const char* function, int fd) {
    const auto name = name_in_folder(fd);
    const Call call(function, name);
    const int result = real<int(int)>(function)(fd);
    if (result == 0 && call.counts()) {
        inside = true;
        if (name->empty())
            account_folder_synced();
        else
            account_file_synced(*name);
        inside = false;
    }
    return result;
}

ssize_t written_at(const char* function, int fd, const void* bytes, std::size_t size, off64_t place) {
    const Call call("pwrite", name_in_folder(fd));
    return real<ssize_t(int, const void*, std::size_t, off64_t)>(function)(
        fd, bytes, call.is_halved() ? size / 2 : size, place);
}

int cut(const char* function, int fd, off64_t size) {
    const Call call("ftruncate", name_in_folder(fd));
    return real<int(int, off64_t)>(function)(fd, size);
}

int opened(const char* function, const char* path, int flags, mode_t mode) {
    const bool makes = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
    const Call call("create", makes ? name_in_folder(std::string_view(path)) : std::nullopt);
    return real<int(const char*, int, ...)>(function)(path, flags, mode);
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open64", path, flags, mode);
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
    const Call call("write", name_in_folder(fd));
    return real<ssize_t(int, const void*, std::size_t)>("write")(fd, bytes,
                                                                 call.is_halved() ? size / 2 : size);
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t place) {
    return written_at("pwrite", fd, bytes, size, place);
}

ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t place) {
    return written_at("pwrite64", fd, bytes, size, place);
}

int ftruncate(int fd, off_t size) noexcept {
    return cut("ftruncate", fd, size);
}

int ftruncate64(int fd, off64_t size) noexcept {
    return cut("ftruncate64", fd, size);
}

int fsync(int fd) {
    return synced("fsync", fd);
}

int fdatasync(int fd) {
    return synced("fdatasync", fd);
}

int unlink(const char* path) noexcept {
    const Call call("unlink", name_in_folder(std::string_view(path)));
    return real<int(const char*)>("unlink")(path);
}

int rename(const char* from, const char* to) noexcept {
    const Call call("rename", name_in_folder(std::string_view(from)));
    return real<int(const char*, const char*)>("rename")(from, to);
}
}
