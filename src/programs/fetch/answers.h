// Answers: what all tries of a search share from when their answers come: the memory for large ones, and the
// processor that finds out whether they can be decrypted. On a link anybody can give answers by the hundred;
// they are not to cost the good server's more than they would one at a time.
//
// An OpenPGP message names whom it is for by key ID (RFC 9580 §5.1). A client's OpenPGP key is known to
// itself and to its servers, and never seen on the way. So
//
//    an answer that                    | is decrypted
//    ----------------------------------+--------------------------------------------------------------------
//    names one of our keys             | at once
//    does not (armoured, for somebody  | while no other is, in the order of coming; unnamed_answers wait
//    else, no OpenPGP message at all)  | (core/limits.h), and more of them are failed tries
//
// That it is named proves nothing, and whoever knows the key ID can name it. Used by ask(), on one strand.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "loop/asio.h"

namespace mandos::fetch {

class Answers {
  public:
    // One of those that *COUNT counts, for as long as it lives.
    class Held {
      public:
        Held(Held&& other) noexcept
            : answers_(std::exchange(other.answers_, nullptr)), count_(other.count_) {}
        Held& operator=(Held&&) = delete;
        ~Held();

      private:
        friend class Answers;
        Held(Answers& answers, std::size_t Answers::* count) : answers_(&answers), count_(count) {}

        Answers* answers_;
        std::size_t Answers::* count_;
    };

    // OPENPGP_KEY (armoured secret key) outlives it.
    explicit Answers(const SecretBytes& openpgp_key) : openpgp_key_(openpgp_key) {}
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    // For an answer that has become larger than small_answer. Exhausted: there are too many of them.
    Result<Held> large();
    // When MESSAGE may be decrypted, and while it is. Exhausted: too many wait.
    io::awaitable<Result<Held>> turn(ByteView message);
    // The loop ends: nobody is told of a turn any more.
    void end() { ended_ = true; }

  private:
    bool names_us(ByteView message);
    void let_next_go();

    const SecretBytes& openpgp_key_;
    std::optional<std::vector<Bytes>> key_ids_; // read when they are needed first
    std::size_t large_ = 0;
    std::size_t decrypting_ = 0;
    std::deque<io::steady_timer*> waiting_; // each in the coroutine that waits
    bool ended_ = false;
};

} // namespace mandos::fetch
