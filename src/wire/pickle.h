// The little of Python's pickles (protocols 0 to 2) in which Mandos 1.8 kept its state, read into plain
// values. This is no unpickler: nothing is ever called. A pickle can name classes and functions; five names
// are known, each stands for a value that is built here, and any other name is an error. Values lie in one
// table and refer to each other by their places in it, so that what is shared stays shared, and a value that
// contains itself, or is nested ever so deep, costs nothing. Used by clients_pickle.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"

namespace mandos::wire {

// Python's datetime (without a time zone: 1.8 means UTC) and timedelta, the latter rounded down.
using PickleTime = std::chrono::sys_time<std::chrono::microseconds>;
using PickleSpan = Duration;

// A value's place in its document.
using PickleIndex = std::uint32_t;

struct PickleNone {};
struct PickleText {
    std::string text; // UTF-8
};
// Python 3's bytes; also Python 2's str, which may be text.
struct PickleBytes {
    std::string bytes;
};
struct PickleTuple {
    std::vector<PickleIndex> items;
};
struct PickleList {
    std::vector<PickleIndex> items;
};
struct PickleDictionary {
    // In the order of the file; a key may be any value and may be there several times.
    std::vector<std::pair<PickleIndex, PickleIndex>> items;
};
// The names that are known.
enum class PickleName { Encode, BytesType, BooleanType, TimeType, SpanType };

using PickleValue = std::variant<PickleNone, bool, std::int64_t, PickleText, PickleBytes, PickleTuple,
                                 PickleList, PickleDictionary, PickleName, PickleTime, PickleSpan>;

class Pickle {
  public:
    Pickle(std::vector<PickleValue> values, PickleIndex root) : values_(std::move(values)), root_(root) {}

    const PickleValue& root() const { return at(root_); }
    // INDEX must be one that this document holds.
    const PickleValue& at(PickleIndex index) const { return values_[index]; }

  private:
    std::vector<PickleValue> values_;
    PickleIndex root_;
};

// What a value is, for messages: "a number", "None", "a time".
const char* describe(const PickleValue& value);

// Reads a whole pickle. Errors name the offset of the instruction that is wrong.
// Invalid: cut short, something behind its end, a value that cannot be what it should be.
// Unsupported: an instruction or a name that 1.8's state does not have, a later protocol, a number that does
// not fit into 64 bits. Exhausted: more values than core::limits::state_values, or nested more than
// core::limits::state_stack deep.
Result<Pickle> read_pickle(ByteView bytes);

} // namespace mandos::wire
