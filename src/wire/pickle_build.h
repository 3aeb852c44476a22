// The values that a pickle makes by calling something by name: bytes, times, time spans, D-Bus booleans. Here
// nothing is called: name and arguments become the value that Python would have made. Used by pickle.cc
// alone.
#pragma once

#include <span>
#include <string_view>

#include "base/error.h"
#include "wire/pickle.h"

namespace mandos::wire {

// Unsupported: a name that is not among the known ones; the text names it.
Result<PickleName> find_pickle_name(std::string_view module, std::string_view name);

// What NAME(*ITEMS) is; the items' places are those of VALUES. Invalid: arguments that 1.8 never wrote.
Result<PickleValue> build_pickle_value(PickleName name, std::span<const PickleIndex> items,
                                       std::span<const PickleValue> values);

} // namespace mandos::wire
