// Search: runs the race (core/race.h) over the network: begins the tries whose time has come, looks names up
// (each address of a name is a candidate of its own), takes what a source finds meanwhile (source.h), and
// ends with the first password, a signal, or when its time is over. Everything a try has is in its coroutine,
// so that all of it is closed when the search ends.
#pragma once

#include <csignal>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "adapters/net/resolve.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "core/race.h"
#include "core/server_address.h"
#include "loop/asio.h"
#include "loop/held_signals.h"
#include "programs/fetch/ask.h"
#include "programs/fetch/fetch.h"
#include "programs/fetch/reporter.h"
#include "programs/fetch/source.h"

namespace mandos::fetch {

class Search final : private Candidates {
  public:
    // SETTINGS outlive it.
    Search(const Settings& settings, tls::Context tls, Report report);

    Result<Outcome> run();

  private:
    using Candidate = core::Race::Candidate;

    struct Place {
        core::ServerAddress server;            // where it was given
        std::optional<net::Endpoint> endpoint; // nothing: SERVER as the user gave it, perhaps a name
        std::vector<Candidate> addresses;      // of that name, as it was looked up last
        std::optional<std::string> service;    // that is there; nothing: it was given
        core::Announcer announcer;             // where it was found

        std::string text() const;
        Reporter::Origin origin() const;
    };

    void found(const Found& server) override;
    void gone(const Found& server) override;
    void network_changed() override;

    void watch_signals();
    void notice_late_signal();
    void interrupt(int signal);
    void limit_time();
    void take_turns();
    void take_turns_soon();
    void drop_forgotten();
    enum class Taken { Yes, No };
    Taken offer(const Found& server);
    void offer_again();
    io::awaitable<void> try_once(Candidate candidate);
    io::awaitable<Result<SecretBytes>> ask_endpoint(Candidate candidate, const Place& place,
                                                    net::Endpoint endpoint);
    io::awaitable<Result<SecretBytes>> ask_directly(Found server, ClientKeys keys, const Step& step,
                                                    Line& line);
    io::awaitable<void> look_up_again(Candidate candidate, const Place& place);

    void replace_addresses(Candidate name, const std::vector<net::Endpoint>& endpoints);
    void fail_try(Candidate candidate, const Place& place, const Error& error);
    void end(Result<Outcome> outcome);

    // From when a signal would be noticed no more, until its handler is gone: then it does what it does by
    // default.
    std::optional<loop::HeldSignals> held_signals_;
    const Settings& settings_;
    const tls::Context tls_;
    Reporter reporter_;
    std::minstd_rand random_;
    core::Race race_;
    std::map<Candidate, Place> places_;
    using Told = std::pair<core::Announcer, std::string>; // and the endpoint's text
    std::map<Told, Found> told_;                          // by the source, and not gone
    Told last_offered_;
    std::map<Candidate, Line> lines_; // of those being asked
    enum class Turns { Asleep, Soon } turns_ = Turns::Asleep;
    std::optional<Result<Outcome>> outcome_;
    io::io_context loop_{1}; // dies before all that its coroutines use
    io::steady_timer next_turn_{loop_};
    io::steady_timer next_offer_{loop_};
    io::steady_timer give_up_{loop_};
    io::signal_set signals_{loop_};
};

} // namespace mandos::fetch
