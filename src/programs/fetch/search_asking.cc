// Search: one try of a server whose address is known.
#include <cerrno>
#include <string_view>
#include <utility>

#include "adapters/net/resolve.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "loop/asio.h"
#include "programs/fetch/ask.h"
#include "programs/fetch/search.h"
#include "programs/fetch/source.h"

namespace mandos::fetch {

namespace {

bool has_no_route(const Error& error) {
    return error.code() == ENETUNREACH || error.code() == EHOSTUNREACH;
}

} // namespace

io::awaitable<Result<SecretBytes>> Search::ask_endpoint(Candidate candidate, const Place& place,
                                                        net::Endpoint endpoint) {
    const ClientKeys keys{.tls = tls_, .openpgp = settings_.openpgp_secret_key};
    Step step = [this, name = place.text()](std::string_view what) { reporter_.step(name, what); };
    Line& line = lines_[candidate];
    auto password = co_await ask(endpoint, keys, step, line);
    if (!password && place.service && has_no_route(password.error()) && !line.hung_up()) {
        Found server{.endpoint = endpoint, .announcer = place.announcer, .service = *place.service};
        auto directly = co_await ask_directly(std::move(server), keys, step, line);
        if (directly || directly.error().kind() != ErrorKind::NotFound)
            password = std::move(directly);
    }
    if (!password && line.hung_up())
        password =
            fail(ErrorKind::Interrupted, "hung up, for one of too many others that were not asked yet");
    lines_.erase(candidate);
    co_return password;
}

// By a route of its own. NotFound: there can be none.
io::awaitable<Result<SecretBytes>> Search::ask_directly(Found server, ClientKeys keys, const Step& step,
                                                        Line& line) {
    const auto way = co_await settings_.source->make_way(server);
    if (!way)
        co_return fail(ErrorKind::NotFound, "no route leads to it, and none can be made");
    step("no route leads to it; going directly by its link");
    co_return co_await ask(server.endpoint, keys, step, line);
}

} // namespace mandos::fetch
