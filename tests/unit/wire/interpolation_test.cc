#include "wire/interpolation.h"

#include <map>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/error.h"
#include "core/limits.h"

namespace {

const std::map<std::string, std::string, std::less<>> options = {
    {"host", "db1"},      {"nested", "at %(host)s"}, {"loop", "%(loop)s"},    {"percent", "100%%"},
    {"ping", "%(pong)s"}, {"pong", "%(ping)s"},      {"bomb0", "0123456789"}, {"bad", "50%"},
};

mandos::Result<std::string> expand(std::string_view text) {
    return mandos::wire::interpolate(text, [](std::string_view name) {
        const auto found = options.find(name);
        return found == options.end() ? nullptr : &found->second;
    });
}

} // namespace

TEST(Interpolation, RefusesALonePercentSign) {
    EXPECT_EQ(expand("50% of it").error().text(), "a lone % in \"% of it\"; write %% for a percent sign");
    EXPECT_EQ(expand("%").error().text(), "a lone % in \"%\"; write %% for a percent sign");
    EXPECT_FALSE(expand("%(bad)s"));
}

TEST(Interpolation, RefusesAReferenceThatIsNone) {
    for (const char* text : {"%(host)", "%(host)d", "%()s", "%(host", "%(", "%(host) s"})
        EXPECT_NE(expand(text).error().text().find("is no reference; expected %(option)s"), std::string::npos)
            << text;
}

TEST(Interpolation, RefusesAnUnknownName) {
    EXPECT_EQ(expand("%(nobody)s").error().text(),
              "\"%(nobody)s\" names an option that is neither in this section nor in [DEFAULT]");
}

TEST(Interpolation, RefusesReferencesThatLeadBackToThemselves) {
    for (const char* text : {"%(loop)s", "%(ping)s"})
        EXPECT_EQ(expand(text).error().text(),
                  "the references are more than 10 deep; do they lead back to themselves?");
}

TEST(Interpolation, StopsAtItsLimit) {
    std::map<std::string, std::string, std::less<>> bomb{{"x0", std::string(1000, 'x')}};
    for (int i = 1; i < 9; ++i) {
        const std::string reference = "%(x" + std::to_string(i - 1) + ")s";
        std::string value;
        for (int k = 0; k < 10; ++k)
            value += reference;
        bomb.emplace("x" + std::to_string(i), value);
    }
    const auto result = mandos::wire::interpolate("%(x8)s", [&bomb](std::string_view name) {
        const auto found = bomb.find(name);
        return found == bomb.end() ? nullptr : &found->second;
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), mandos::ErrorKind::Exhausted);
}

TEST(Interpolation, StopsAtItsLimitAlsoWhereNothingGrows) {
    // Ten to the ninth references to nothing.
    std::map<std::string, std::string, std::less<>> bomb{{"x0", ""}};
    for (int i = 1; i < 9; ++i) {
        std::string value;
        for (int k = 0; k < 10; ++k)
            value += "%(x" + std::to_string(i - 1) + ")s";
        bomb.emplace("x" + std::to_string(i), value);
    }
    std::size_t asked = 0;
    const auto result = mandos::wire::interpolate("%(x8)s%(x8)s", [&](std::string_view name) {
        ++asked;
        const auto found = bomb.find(name);
        return found == bomb.end() ? nullptr : &found->second;
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), mandos::ErrorKind::Exhausted);
    EXPECT_EQ(result.error().text(), "the value has more than 10000 references when it is expanded");
    EXPECT_LE(asked, mandos::core::limits::expanded_references);
}

TEST(Interpolation, ExpandsWhatItKnows) {
    EXPECT_EQ(*expand("ping %(host)s, %(HOST)s"), "ping db1, db1");
    EXPECT_EQ(*expand("%(nested)s"), "at db1");
    EXPECT_EQ(*expand("%%(host)s and %(percent)s"), "%(host)s and 100%");
    EXPECT_EQ(*expand(""), "");
}
