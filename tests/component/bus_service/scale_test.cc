// Five thousand clients.
#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/bus/value.h"
#include "tests/component/bus_service/served.h"

namespace mandos::test {

TEST_F(Served, ListsFiveThousandClientsAtOnce) {
    std::vector<std::string> names;
    for (int number = 0; number < 5000; ++number)
        names.push_back("client" + std::to_string(number) + ".example.org");
    serve(names);
    const std::clock_t before = std::clock();
    const auto listed = call("/", object_manager, "GetManagedObjects");
    const auto took = std::chrono::milliseconds((std::clock() - before) * 1000 / CLOCKS_PER_SEC);
    ASSERT_TRUE(listed) << listed.error().text();
    EXPECT_EQ(listed->front().get_if<bus::Dictionary>()->size(), 5000U);
    RecordProperty("milliseconds", static_cast<int>(took.count()));
    // Of processor time, with the reading, and with sanitizers: anything that grows with the square needs
    // more.
    EXPECT_LT(took, std::chrono::seconds(10));
}

} // namespace mandos::test
