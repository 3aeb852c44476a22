// Five thousand clients.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/bus/value.h"
#include "tests/component/bus_service/served.h"

namespace mandos::test {

TEST_F(Served, ListsFiveThousandClientsWellWithinASecond) {
    std::vector<std::string> names;
    for (int number = 0; number < 5000; ++number)
        names.push_back("client" + std::to_string(number) + ".example.org");
    serve(names);
    const auto before = std::chrono::steady_clock::now();
    const auto listed = call("/", object_manager, "GetManagedObjects");
    const auto took = std::chrono::steady_clock::now() - before;
    ASSERT_TRUE(listed) << listed.error().text();
    EXPECT_EQ(listed->front().get_if<bus::Dictionary>()->size(), 5000U);
    RecordProperty("milliseconds",
                   static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    EXPECT_LT(took,
              std::chrono::seconds(3)); // that is with the reading, on a machine that does other things too
}

} // namespace mandos::test
