// CoreWorld: what is said of each client, by Server::objection() and in words, is what it would get now.
#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "core/actions.h"
#include "core/events.h"
#include "programs/mandos/explain.h"
#include "tests/support/core_driver.h"
#include "tests/support/core_world.h"

namespace mandos::support {

using namespace core; // NOLINT(google-build-using-namespace): it is what is tested

namespace {

// Words without which a refusal is not explained.
std::string_view words_for(Refusal refusal) {
    switch (refusal) {
    case Refusal::SharedKey:
        return "the same key ID";
    case Refusal::Lockdown:
        return "lockdown";
    case Refusal::Disabled:
        return "abled"; // or never enabled
    case Refusal::NoSecret:
        return "its secret is empty";
    case Refusal::Denied:
        return "denied it";
    case Refusal::UnknownKey:
    case Refusal::Removed:
    case Refusal::OtherKey:
    case Refusal::ApprovalTimedOut:
    case Refusal::Stopping:
    case Refusal::NotStored:
        break; // nobody who is known and asks now
    }
    return "no client hears that at once";
}

} // namespace

// Each asks a copy of the server, in which all that is due is done, so that nothing comes of it.
void CoreWorld::ask_for_everybody() {
    if (failure_)
        return;
    Server copy = *server_;
    (void)copy.handle(TimePassed{}, now_);
    const Server asked = copy;
    std::uint64_t connection = last_connection_;
    for (const auto& [id, client] : asked.clients()) {
        if (client.settings.key_id && !client.settings.key_id->is_of_nothing())
            compare_words(asked, client,
                          copy.handle(SecretAsked{.connection = ConnectionId{++connection},
                                                  .key_id = *client.settings.key_id,
                                                  .peer = {}},
                                      now_));
        else
            expect(!server::explain(asked, client).would_get,
                   fmt::format("{} is said to get its secret, and has no key", client.settings.name));
    }
}

void CoreWorld::compare_words(const Server& asked, const Client& client, const Actions& got) {
    const std::string& name = client.settings.name;
    const server::Explanation said = server::explain(asked, client);
    const auto objection = asked.objection(client);
    const auto says = [&said](std::string_view words) {
        return said.reason.find(words) != std::string::npos;
    };
    if (const auto refused = refusals(got); !refused.empty()) {
        const Refusal why = refused.front();
        expect(why == Refusal::SharedKey || objection == why,
               fmt::format("{} {}, and Server::objection() says otherwise", name, describe(why)));
        expect(!said.would_get && says(words_for(why)),
               fmt::format("{} {}, and the explanation is: {}", name, describe(why), said.reason));
        return;
    }
    expect(!objection, fmt::format("nothing is against {}, and Server::objection() has something", name));
    if (has<Release>(got))
        expect(said.would_get && !says("needs approval") && !says("unless somebody denies"),
               fmt::format("{} gets its secret at once, and the explanation is: {}", name, said.reason));
    else if (const auto waits = all<AwaitApproval>(got); waits.size() == 1)
        expect(said.would_get == waits.front().approved_by_default
                   && says(said.would_get ? "unless somebody denies" : "needs approval"),
               fmt::format("{} has to wait, and the explanation is: {}", name, said.reason));
    else
        expect(false, fmt::format("{} gets no answer", name));
}

} // namespace mandos::support
