// An imported state as JSON, for scripts that compare it: times in microseconds, spans in milliseconds, bytes
// in hexadecimal digits.
#pragma once

#include <nlohmann/json.hpp>

#include "wire/clients_pickle.h"

namespace mandos::test {

nlohmann::json to_json(const wire::ImportedState& state);

} // namespace mandos::test
