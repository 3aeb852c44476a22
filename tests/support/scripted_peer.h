// ScriptedPeer: one connection in which a test plays Mandos client, well or badly: it does what a client does
// (connect, send the line, be the TLS server, read the secret, say goodbye) up to the point where its Script
// says stop, and then holds the connection, resets or closes it. Invariant: it sends and receives not one
// byte more than the script allows. It waits for nothing itself: scripted_peer_main.cc runs many of them on
// one epoll.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gnutls/gnutls.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "tests/support/raw_tls.h"

namespace mandos::support {

// What has been done when a peer stops.
enum class StopAfter { Connect, Line, Handshake, Secret };

// What it says without end when it has shaken hands.
enum class Chatter { Data, KeyUpdates };

// What it does then. Holding, it neither reads nor writes any more; it only notices that the server lets go.
enum class AtStop { Hold, Reset, Close };

struct Script {
    std::vector<Bytes> line;     // each piece is sent by itself
    std::optional<Bytes> answer; // to the ClientHello, in place of TLS
    std::size_t answers = 1;     // how many times it is sent
    std::optional<Chatter> chatter;
    std::optional<StopAfter> stop_after;
    std::optional<std::size_t> stop_sent;     // once so many bytes are sent
    std::optional<std::size_t> stop_received; // once so many bytes have come
    AtStop at_stop = AtStop::Hold;
    std::chrono::duration<double> pace{0}; // not 0: one byte is sent or taken, then nothing for so long
};

struct Identity {
    Credentials credentials;
    Priorities priorities;
    unsigned flags; // of gnutls_init() beside those of every session here
};

enum class Outcome {
    Served,      // a secret, whole
    Empty,       // goodbye without a secret: the server said no
    Cut,         // some of a secret, then the end without goodbye
    Refused,     // a TLS alert
    Closed,      // the server closed
    Reset,       // the server's end of the connection is gone (RST)
    Stopped,     // this peer closed or reset it, as its script said
    Unreachable, // no connection
    Failed,      // TLS failed here
    Late,        // the deadline came, and nothing else
};
std::string name_of(Outcome outcome);

class ScriptedPeer {
  public:
    using Clock = std::chrono::steady_clock;

    // SOCKET is non-blocking, connect(2) has been called on it. The rest outlives the peer.
    ScriptedPeer(UniqueFd socket, const Script& script, const Identity& identity);
    ScriptedPeer(const ScriptedPeer&) = delete; // GnuTLS has its address
    ScriptedPeer& operator=(const ScriptedPeer&) = delete;
    ScriptedPeer(ScriptedPeer&&) = delete;
    ScriptedPeer& operator=(ScriptedPeer&&) = delete;
    ~ScriptedPeer() = default;

    // Does what can be done now that epoll(7) has shown EVENTS.
    void advance(std::uint32_t events);
    // Ends it as late.
    void give_up() { end(Outcome::Late, held_ ? "held" : "waiting"); }

    int descriptor() const { return socket_.get(); }
    std::uint32_t wanted_events() const;

    bool held() const { return held_; }
    // Until when it does nothing, if it dawdles: then advance(0) is due.
    const std::optional<Clock::time_point>& pause() const { return pause_; }
    const std::optional<Outcome>& outcome() const { return outcome_; }
    const std::string& detail() const { return detail_; } // of the outcome
    const std::string& secret() const { return secret_; }
    std::size_t sent() const { return sent_; }
    std::size_t received() const { return received_; }
    double seconds() const { return std::chrono::duration<double>(ended_ - started_).count(); }

  private:
    enum class Step { Connect, Line, AwaitHello, Answer, Handshake, Chatter, Secret, Goodbye, Drain };
    enum class Wait { Read, Write };

    // One step: what it now waits for, or nothing: go on at once.
    std::optional<Wait> take_step();
    std::optional<Wait> connected();
    std::optional<Wait> send_line();
    std::optional<Wait> await_hello();
    std::optional<Wait> send_answer();
    std::optional<Wait> shake_hands();
    std::optional<Wait> chatter();
    std::optional<Wait> read_secret();
    std::optional<Wait> say_goodbye();
    std::optional<Wait> drain();

    void go_to(Step step, std::optional<StopAfter> done = std::nullopt);
    void stop();
    void end(Outcome outcome, std::string detail);
    void end_by_errno(int code);
    void end_by_tls(int code);
    Wait waits_for() const;
    bool over() const { return outcome_.has_value() || held_; }

    // Within the script's limits and at its pace; errno EAGAIN at a limit.
    ssize_t send_some(const iovec* parts, std::size_t count);
    ssize_t receive_some(void* into, std::size_t size);
    std::optional<Wait> send_all(ByteView bytes, Step next, std::optional<StopAfter> done);
    std::size_t allowed_now(std::optional<std::size_t> limit, std::size_t done);
    void transferred(std::size_t& done, ssize_t bytes, std::optional<std::size_t> limit);
    static ssize_t push(gnutls_transport_ptr_t self, const giovec_t* parts, int count);
    static ssize_t pull(gnutls_transport_ptr_t self, void* into, std::size_t size);
    static int pull_timeout(gnutls_transport_ptr_t self, unsigned milliseconds);

    UniqueFd socket_;
    const Script& script_;
    const Identity& identity_;
    const Clock::time_point started_ = Clock::now();
    Clock::time_point ended_ = started_;

    Step step_ = Step::Connect;
    Wait wait_ = Wait::Write;
    Session session_;
    std::size_t piece_ = 0;         // of the line
    std::size_t sent_of_piece_ = 0; // of it, or of the answer
    std::size_t answers_ = 0;       // sent
    std::size_t sent_ = 0;
    std::size_t received_ = 0;
    int last_errno_ = 0; // of the socket, behind GnuTLS
    bool held_ = false;
    bool limit_reached_ = false;
    std::optional<Clock::time_point> pause_;
    std::string secret_;
    std::size_t after_goodbye_ = 0; // bytes that came when all had been said
    std::optional<Outcome> outcome_;
    std::string detail_;
};

} // namespace mandos::support
