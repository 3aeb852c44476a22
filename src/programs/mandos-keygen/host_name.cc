#include "programs/mandos-keygen/host_name.h"

#include <array>
#include <cerrno>
#include <string>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/handle.h"

namespace mandos::keygen {

Result<std::string> host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0)
        return fail_errno(errno, "this machine's name is not known; give --name");
    addrinfo hints{};
    hints.ai_flags = AI_CANONNAME;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* raw = nullptr;
    if (getaddrinfo(name.data(), nullptr, &hints, &raw) != 0)
        return std::string(name.data());
    const Handle<addrinfo, freeaddrinfo> found(raw);
    return std::string(found->ai_canonname == nullptr ? name.data() : found->ai_canonname);
}

} // namespace mandos::keygen
