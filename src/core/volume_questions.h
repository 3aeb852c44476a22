// VolumeQuestions: who gets the password when cryptsetup asks for that of a volume. A volume that has refused
// a password is not given it again; each try is one of few (crypttab(5), "tries"), and the last one is left
// to the person at the console, unless nothing was tried before. It reads no clock: whoever uses it says
// when. Used by mandos-to-cryptroot-unlock.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/secret_bytes.h"
#include "core/limits.h"
#include "core/time.h"

namespace mandos::core {

// One process that asks; another one that asks for the same volume is another question.
struct VolumeQuestion {
    int process = 0;           // its number
    std::uint64_t started = 0; // when, as the kernel counts (proc(5), "starttime"): numbers are used again
    std::string volume;        // its name in crypttab; empty: unknown
    unsigned tried = 0;        // how often it was asked for before
    unsigned tries = 3;        // how often it is asked for; 0: without end

    bool is_same(const VolumeQuestion& other) const {
        return process == other.process && started == other.started;
    }
};

class VolumeQuestions {
  public:
    enum class Decision : std::uint8_t {
        Give,  // it gets the password
        Fetch, // it needs another one
        Leave  // to the person
    };

    // PASSWORD: the one that there is.
    Decision decide(const VolumeQuestion& question, const SecretBytes& password) const;

    // QUESTION was given PASSWORD.
    void given(const VolumeQuestion& question, const SecretBytes& password);

    // Whether QUESTION says that its volume has refused what it was given.
    bool is_refusal(const VolumeQuestion& question) const;

  private:
    struct Volume {
        std::vector<SecretBytes> given;
        VolumeQuestion last; // that was given one
    };

    std::map<std::string, Volume> volumes_;
};

// When a password is fetched: at once, and then after pauses that grow.
class FetchPauses {
  public:
    bool may_fetch(Time now) const { return !next_ || now >= *next_; }
    // It is fetched now.
    void fetched(Time now);

  private:
    std::optional<Time> next_;
    std::chrono::nanoseconds pause_ = limits::shortest_fetch_pause;
};

} // namespace mandos::core
