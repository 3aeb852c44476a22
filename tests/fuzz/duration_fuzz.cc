// Time spans: what is read and written is read back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/duration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto duration = mandos::parse_duration({reinterpret_cast<const char*>(data), size});
    if (duration && *duration >= mandos::Duration::zero())
        mandos::check(mandos::parse_duration(mandos::format_duration(*duration)) == *duration,
                      "a time span reads back as it was");
    return 0;
}
