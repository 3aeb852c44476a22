// Source: what finds servers while a search runs, such as the finder of announced services; and Candidates:
// whom it tells. The search decides whom it asks when (core/race.h), and takes what is found as what it is:
// said by somebody on a link.
//
// Who calls what: everything happens on one strand, that of the search, which is one thread.
//   Search -> Source      start() once, before the first try; stop() once, when the search is over, whatever
//                         its outcome. It may then be started again by another search.
//   Source -> Candidates  found() and gone(), from start() on and until stop() returns: in start() itself, or
//                         in handlers on the executor that it was given. They return at once and call
//                         nobody back.
#pragma once

#include <memory>
#include <string>

#include "adapters/net/resolve.h"
#include "core/race.h"
#include "loop/asio.h"

namespace mandos::fetch {

// One address of one service. Who announces several addresses or services says each of them, the one to be
// preferred first.
struct Found {
    net::Endpoint endpoint;    // a link-local one with its scope
    core::Announcer announcer; // the link, and the source address of the response that said so
    std::string service;       // its name, for people: whatever was announced; need not be text
};

class Candidates {
  public:
    // Once is enough, again is no harm. Where a limit keeps it from being asked now, it is later.
    virtual void found(const Found& server) = 0;
    // It said goodbye, or its time is over. A try that goes on is not ended; see core/race.h.
    virtual void gone(const Found& server) = 0;
    // What could not be reached before may be reached now: all that wait for another try have it.
    virtual void network_changed() = 0;

  protected:
    Candidates() = default;
    ~Candidates() = default;
    Candidates(const Candidates&) = default;
    Candidates& operator=(const Candidates&) = default;
};

// A way to one server that there is for as long as this lives.
class Way {
  public:
    Way() = default;
    Way(const Way&) = delete;
    Way& operator=(const Way&) = delete;
    virtual ~Way() = default;
};

class Source {
  public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    // CANDIDATES are there until stop() has returned.
    virtual void start(const io::any_io_executor& strand, Candidates& candidates) = 0;
    // Nothing is under way on the strand any more, or will notice when it comes to its turn.
    virtual void stop() = 0;

    // There is no route to SERVER, which this found: makes one by the link that it was found on. Nothing: it
    // cannot be made. Between start() and stop(); the way may outlive stop().
    virtual io::awaitable<std::unique_ptr<Way>> make_way(Found server);
};

} // namespace mandos::fetch
