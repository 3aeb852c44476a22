// PickleStack: the values that a pickle's instructions make, and the order in which they wait for the value
// that contains them. A mark is where the items of the next container begin; nothing below the last one can
// be reached. All that takes memory is counted, so that its limits hold whatever the instructions are. Used
// by pickle.cc alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "wire/pickle.h"

namespace mandos::wire {

// Errors of all: Invalid where what is needed is not there or is something else; Exhausted.
class PickleStack {
  public:
    Result<void> push(PickleValue value);
    Result<void> mark();

    // The uppermost values are taken off, the lowest first: SIZE of them, or those above the last mark, which
    // goes with them.
    Result<std::vector<PickleIndex>> pop(std::size_t size);
    Result<std::vector<PickleIndex>> pop_to_mark();

    // Items for the list, keys and values for the dictionary, that is uppermost.
    Result<void> append(const std::vector<PickleIndex>& items);
    Result<void> set(const std::vector<PickleIndex>& items);

    // A name and a tuple of arguments, the two uppermost, become the value that they stand for.
    Result<void> build();

    // The uppermost value is kept as number PLACE, and pushed again.
    Result<void> put(std::int64_t place);
    Result<void> get(std::int64_t place);

    // The one value that is left at the end.
    Result<PickleIndex> only() const;
    std::vector<PickleValue> values() && { return std::move(values_); }

  private:
    Result<void> count(std::size_t more);
    Result<void> push_index(PickleIndex index);
    Result<PickleIndex> top() const;
    std::size_t height() const;

    std::vector<PickleValue> values_;
    std::vector<PickleIndex> stack_;
    std::vector<std::size_t> marks_; // heights of the stack, each at most the next
    std::unordered_map<std::int64_t, PickleIndex> kept_;
    std::size_t counted_ = 0; // values, references from one to another, and what is kept
    std::size_t built_ = 0;   // bytes that build() has made
};

} // namespace mandos::wire
