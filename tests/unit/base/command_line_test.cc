#include "base/command_line.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/error.h"

using mandos::Error;
using mandos::ErrorKind;
using mandos::Option;
using mandos::Result;

namespace {

class CommandLine : public testing::Test {
  protected:
    // The error's text, or "" where there was none.
    std::string parse(std::vector<std::string> words) {
        words.insert(words.begin(), "program");
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        const Result<void> result =
            mandos::parse_command_line(options, static_cast<int>(words.size()), argv.data());
        return result ? "" : result.error().text();
    }

    std::string seen;
    const std::vector<Option> options = {
        {.letter = 'p', .name = "port", .argument = "PORT", .help = "where to listen", .set = record("port")},
        {.name = "priority", .argument = "STRING", .help = "for GnuTLS", .set = record("priority")},
        {.name = "debug", .help = "say more", .set = record("debug")},
        {.letter = '?', .name = "help", .help = "this text", .set = record("help")},
        {.name = "never",
         .argument = "X",
         .help = "refused",
         .set = [](std::string_view) -> Result<void> {
             return mandos::fail(ErrorKind::Invalid, "no value will do");
         }},
    };

  private:
    std::function<Result<void>(std::string_view)> record(const char* name) {
        return [this, name](std::string_view value) -> Result<void> {
            seen += std::string(name) + "=" + std::string(value) + " ";
            return {};
        };
    }
};

} // namespace

TEST_F(CommandLine, NamesWhatItDoesNotKnow) {
    EXPECT_EQ(parse({"--prot=1"}), R"(unknown option "--prot=1"; see --help)");
    EXPECT_EQ(parse({"-x"}), R"(unknown option "-x"; see --help)");
    EXPECT_EQ(parse({"word"}), R"(unexpected argument "word": there are only options; see --help)");
    EXPECT_EQ(parse({"--", "--port"}), R"(unexpected argument "--port": there are only options; see --help)");
    EXPECT_EQ(seen, "");
}

TEST_F(CommandLine, RefusesAnUnclearShortForm) {
    EXPECT_EQ(parse({"--p", "1"}), R"(option "--p" is unclear; it could be --port, --priority)");
}

TEST_F(CommandLine, RefusesMissingAndUnwantedArguments) {
    EXPECT_EQ(parse({"--port"}), R"(option "--port" needs an argument; see --help)");
    EXPECT_EQ(parse({"-p"}), R"(option "-p" needs an argument; see --help)");
    EXPECT_EQ(parse({"--debug=yes"}), R"(option "--debug" takes no argument)");
}

TEST_F(CommandLine, NamesTheOptionWhoseValueIsRefused) {
    EXPECT_EQ(parse({"--never=x"}), "option --never: no value will do");
}

TEST_F(CommandLine, TakesEveryFormOfAnOption) {
    EXPECT_EQ(
        parse({"--port=1", "--port", "2", "-p3", "-p", "4", "--po=5", "--debug", "--deb", "-?", "--help"}),
        "");
    EXPECT_EQ(seen, "port=1 port=2 port=3 port=4 port=5 debug= debug= help= help= ");
}

TEST_F(CommandLine, DescribesEachOption) {
    EXPECT_EQ(mandos::describe_options(options), "  -p, --port=PORT        where to listen\n"
                                                 "      --priority=STRING  for GnuTLS\n"
                                                 "      --debug            say more\n"
                                                 "  -?, --help             this text\n"
                                                 "      --never=X          refused\n");
}
