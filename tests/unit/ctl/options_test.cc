#include "programs/mandos-ctl/options.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/bus/value.h"
#include "base/error.h"
#include "programs/mandos-ctl/action.h"

using mandos::Result;
using mandos::bus::Value;
using mandos::ctl::Approval;
using mandos::ctl::Mode;
using mandos::ctl::Remove;
using mandos::ctl::Request;
using mandos::ctl::SetProperty;
using mandos::ctl::Step;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

Result<Request> read(std::vector<std::string> words) {
    words.insert(words.begin(), "mandos-ctl");
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    return mandos::ctl::read_options(static_cast<int>(words.size()), argv.data());
}

std::string refusal(std::vector<std::string> words) {
    const Result<Request> request = read(std::move(words));
    return request ? "no error" : request.error().text();
}

std::vector<std::string> options_of(const Request& request) {
    std::vector<std::string> options;
    for (const Step& step : request.steps)
        options.emplace_back(step.option);
    return options;
}

} // namespace

TEST(Options, ContradictEachOther) {
    EXPECT_EQ(refusal({"-e", "-d", "x"}), "--enable and --disable cannot be given together");
    EXPECT_EQ(refusal({"--stop-checker", "--start-checker", "x"}),
              "--start-checker and --stop-checker cannot be given together");
    EXPECT_EQ(refusal({"--approve-by-default", "x", "--deny-by-default"}),
              "--approve-by-default and --deny-by-default cannot be given together");
    EXPECT_EQ(refusal({"-A", "-D", "x"}), "--approve and --deny cannot be given together");
}

TEST(Options, NeedClientsToActOn) {
    EXPECT_EQ(refusal({"-e"}), "--enable needs names of clients, or --all");
    EXPECT_EQ(refusal({"-b", "-t", "5m"}), "--bump-timeout needs names of clients, or --all");
    EXPECT_EQ(refusal({"-r"}), "--remove needs names of clients, or --all");
    EXPECT_EQ(refusal({"-V"}), "--is-enabled needs names of clients, or --all");
}

TEST(Options, ShowOrActButNotBoth) {
    EXPECT_EQ(refusal({"-v", "-e", "x"}), "--verbose shows clients, so it cannot be given with --enable");
    EXPECT_EQ(refusal({"-V", "-v", "x"}), "--verbose shows clients, so it cannot be given with --is-enabled");
    EXPECT_EQ(refusal({"-j", "-r", "x"}), "--dump-json shows clients, so it cannot be given with --remove");
    EXPECT_EQ(refusal({"-j", "-v"}), "--dump-json and --verbose cannot be given together");
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"-a"}, {"-a", "-v"}, {"-a", "-j"}, {"-a", "x"}})
        EXPECT_THAT(refusal(words), HasSubstr("--all needs something to do"));
}

TEST(Options, AskOfExactlyOneClientWhetherItIsEnabled) {
    EXPECT_EQ(refusal({"-V", "x", "y"}), "--is-enabled takes exactly one client");
    EXPECT_EQ(refusal({"-V", "-a"}), "--is-enabled takes exactly one client");
    EXPECT_EQ(refusal({"-V", "-d", "x"}), "--disable comes too late: --is-enabled ends everything");
    EXPECT_TRUE(read({"-b", "-V", "x"}));
}

TEST(Options, RemoveNothingThatIsBeingChanged) {
    for (const char* other : {"-e", "-A", "-b", "-V", "--timeout=5m"})
        EXPECT_EQ(refusal({"-r", other, "x"}), "--remove goes with --deny only") << other;
    const Request request = read({"-r", "-D", "x"}).value();
    EXPECT_THAT(options_of(request), ElementsAre("deny", "remove"));
    EXPECT_TRUE(std::holds_alternative<Remove>(request.steps.back().action));
}

TEST(Options, RefuseTimesThatAreNone) {
    for (const char* option :
         {"--timeout", "--extended-timeout", "--interval", "--approval-delay", "--approval-duration"})
        for (const char* time :
             {"", " ", "xyz", "5", "5 m", "PT5", "PT5.5S", "-5m", "1m -2m", "P99999999999D"}) {
            const std::string text = refusal({option, time, "x"});
            EXPECT_THAT(text, testing::StartsWith(std::string("option ") + option + ": "));
            EXPECT_THAT(text, HasSubstr("expected")) << time;
        }
}

TEST(Options, RefuseTextThatIsNoUtf8) {
    EXPECT_EQ(refusal({"-H", "\xff", "x"}), R"(option --host: "\xff" is no UTF-8)");
    EXPECT_EQ(refusal({"-c", "\xff", "x"}), R"(option --checker: "\xff" is no UTF-8)");
}

TEST(Options, RefuseSecretsThatCannotBeRead) {
    EXPECT_EQ(refusal({"-s", "/nonexistent", "x"}),
              R"(option --secret: cannot open file "/nonexistent": No such file or directory)");
    EXPECT_THAT(refusal({"-s", "/dev/null", "x"}), HasSubstr(R"(file "/dev/null" is empty)"));
    EXPECT_THAT(refusal({"-s", "/dev/zero", "x"}), HasSubstr("1048576"));
}

TEST(Options, AreDoneInTheOrderGiven) {
    const Request request = read({"-t", "PT5M", "one", "-e", "-H", "host", "--", "-two"}).value();
    EXPECT_EQ(request.mode, Mode::Act);
    EXPECT_THAT(request.names, ElementsAre("one", "-two"));
    EXPECT_THAT(options_of(request), ElementsAre("timeout", "enable", "host"));
}

TEST(Options, SetPropertiesOfTheServersTypes) {
    const std::vector<std::pair<std::vector<std::string>, std::pair<std::string_view, Value>>> cases{
        {{"-e"}, {"Enabled", true}},
        {{"--disable"}, {"Enabled", false}},
        {{"-b"}, {"LastCheckedOK", ""}},
        {{"--start-checker"}, {"CheckerRunning", true}},
        {{"--stop-checker"}, {"CheckerRunning", false}},
        {{"-c", "a b"}, {"Checker", "a b"}},
        {{"-c", ""}, {"Checker", ""}},
        {{"--host=::1"}, {"Host", "::1"}},
        {{"-t", "P50D"}, {"Timeout", std::uint64_t{4'320'000'000}}},
        {{"--extended-timeout=0s"}, {"ExtendedTimeout", std::uint64_t{0}}},
        {{"-i5m 30s"}, {"Interval", std::uint64_t{330'000}}},
        {{"--approval-delay", "PT1S"}, {"ApprovalDelay", std::uint64_t{1000}}},
        {{"--approval-duration", "1w"}, {"ApprovalDuration", std::uint64_t{604'800'000}}},
        {{"--approve-by-default"}, {"ApprovedByDefault", true}},
        {{"--deny-by-default"}, {"ApprovedByDefault", false}},
    };
    for (const auto& [words, expected] : cases) {
        std::vector<std::string> all = words;
        all.emplace_back("x");
        const Result<Request> request = read(all);
        ASSERT_TRUE(request) << words.front() << request.error().text();
        const auto* const set = std::get_if<SetProperty>(&request->steps.at(0).action);
        ASSERT_NE(set, nullptr) << words.front();
        EXPECT_EQ(set->property, expected.first);
        EXPECT_EQ(set->value, expected.second) << words.front();
    }
}

TEST(Options, Approve) {
    EXPECT_EQ(std::get<Approval>(read({"-A", "x"})->steps.at(0).action), Approval::Approve);
    EXPECT_EQ(std::get<Approval>(read({"-D", "-a"})->steps.at(0).action), Approval::Deny);
}

TEST(Options, ShowWithoutActions) {
    EXPECT_EQ(read({})->mode, Mode::Table);
    EXPECT_EQ(read({"x"})->mode, Mode::Table);
    EXPECT_EQ(read({"-v", "x"})->mode, Mode::WholeTable);
    EXPECT_EQ(read({"-j"})->mode, Mode::Json);
    EXPECT_EQ(read({"--check"})->mode, Mode::SelfCheck);
    EXPECT_EQ(read({"--version"})->mode, Mode::Version);
    EXPECT_EQ(read({"-h", "-e", "-d"})->mode, Mode::Help);
    EXPECT_TRUE(read({"--debug"})->debug);
}
