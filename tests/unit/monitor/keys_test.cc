#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "adapters/screen/key.h"
#include "programs/mandos-monitor/command.h"
#include "programs/mandos-monitor/model.h"
#include "tests/unit/monitor/sample.h"

namespace mandos::monitor {
namespace {

using screen::control;
using screen::meta;
using screen::Mouse;
using screen::Name;
using screen::named;
using screen::plain;

class Keys : public testing::Test {
  protected:
    Keys() {
        for (int i = 0; i < 30; ++i)
            model_.put(sample_client(fmt::format("c{:02}", i)));
    }
    std::string selected() { return model_.roster().selected()->name; }

    Model model_{noon};
};

TEST_F(Keys, ThatMeanNothingDoNothing) {
    for (const auto& key : {plain('x'), plain(U'ü'), control('A'), meta('x'), named(Name::Backspace)})
        EXPECT_EQ(press(model_, key), std::nullopt);
    EXPECT_EQ(selected(), "c00");
}

TEST_F(Keys, AskTheServerForNothingWithoutAClient) {
    Model empty(noon);
    for (const char key : std::string("+-adRsSC"))
        EXPECT_EQ(press(empty, plain(static_cast<char32_t>(key))), std::nullopt) << key;
    EXPECT_EQ(empty.notice(), "no client is selected");
    (void)press(empty, named(Name::Tab));
    EXPECT_EQ(empty.notice(), "") << "the next key takes it away";
}

TEST_F(Keys, AskTheServerForNothingWhileTheLogIsSelected) {
    (void)press(model_, named(Name::Tab));
    EXPECT_EQ(press(model_, plain('R')), std::nullopt);
    EXPECT_NE(model_.notice(), "");
}

TEST_F(Keys, AskForWhatTheyAlwaysDid) {
    using Kind = Action::Kind;
    const std::vector<std::pair<screen::Key, Kind>> keys{
        {plain('+'), Kind::Enable},    {plain('-'), Kind::Disable},      {plain('a'), Kind::Approve},
        {plain('d'), Kind::Deny},      {plain('R'), Kind::Remove},       {plain('_'), Kind::Remove},
        {control('K'), Kind::Remove},  {plain('s'), Kind::StartChecker}, {plain('S'), Kind::StopChecker},
        {plain('C'), Kind::CheckedOk},
    };
    (void)press(model_, named(Name::Down));
    for (const auto& [key, kind] : keys)
        EXPECT_EQ(press(model_, key), (Action{.kind = kind, .path = "/clients/c01", .name = "c01"}));
    for (const auto& key : {plain('q'), plain('Q'), control('C')})
        EXPECT_EQ(press(model_, key), Action{.kind = Kind::Quit});
    EXPECT_EQ(press(model_, control('L')), Action{.kind = Kind::Redraw});
}

TEST_F(Keys, MoveTheSelection) {
    const int page = model_.layout().list.rows;
    for (const auto& down : {named(Name::Down), control('N'), plain('j')})
        (void)press(model_, down);
    EXPECT_EQ(selected(), "c03");
    for (const auto& up : {named(Name::Up), control('P'), plain('k'), plain('k')})
        (void)press(model_, up);
    EXPECT_EQ(selected(), "c00");
    for (const auto& down : {named(Name::PageDown), control('V'), plain(' '), plain('f')}) {
        (void)press(model_, named(Name::Home));
        (void)press(model_, down);
        EXPECT_EQ(selected(), fmt::format("c{:02}", page));
    }
    for (const auto& up : {named(Name::PageUp), meta('v'), meta('V'), plain('b')}) {
        (void)press(model_, named(Name::End));
        (void)press(model_, up);
        EXPECT_EQ(selected(), fmt::format("c{:02}", 29 - page));
    }
}

TEST_F(Keys, HaveOneMeaningEach) {
    std::map<std::pair<int, std::pair<char32_t, int>>, int> count;
    for (const Binding& binding : bindings())
        for (const screen::Key& key : binding.keys)
            ++count[{static_cast<int>(key.name), {key.character, static_cast<int>(key.meta)}}];
    for (const auto& [key, times] : count)
        EXPECT_EQ(times, 1) << static_cast<unsigned>(key.second.first);
}

TEST_F(Keys, FilterWhileTyping) {
    type(model_, "/C1");
    EXPECT_EQ(model_.roster().rows().size(), 10U);
    (void)press(model_, plain('q'));
    EXPECT_EQ(model_.roster().rows().size(), 0U) << "q is a letter here";
    (void)press(model_, named(Name::Backspace));
    (void)press(model_, named(Name::Enter));
    EXPECT_EQ(model_.prompt(), std::nullopt);
    EXPECT_EQ(model_.roster().filter(), "c1");
    (void)press(model_, named(Name::Escape));
    EXPECT_EQ(model_.roster().filter(), "");
    type(model_, "/zz");
    (void)press(model_, named(Name::Escape));
    EXPECT_EQ(model_.roster().rows().size(), 30U) << "Escape gives up what is typed";
    type(model_, "/zz");
    EXPECT_EQ(press(model_, control('C')), Action{.kind = Action::Kind::Quit});
}

TEST_F(Keys, LimitWhatIsTyped) {
    type(model_, "/" + std::string(5000, 'x'));
    EXPECT_LE(model_.prompt()->text.size(), 256U);
    (void)press(model_, control('U'));
    EXPECT_EQ(model_.prompt()->text, "");
}

TEST_F(Keys, SearchTheLog) {
    model_.log(noon, "first alarm");
    model_.log(noon, "nothing");
    (void)press(model_, named(Name::Tab));
    type(model_, "/alarm");
    (void)press(model_, named(Name::Enter));
    EXPECT_EQ(model_.lines().back(), 1U);
    (void)press(model_, plain('n'));
    EXPECT_EQ(model_.notice(), "no further line has alarm");
    (void)press(model_, named(Name::Escape));
    EXPECT_EQ(model_.lines().wanted(), "");
    (void)press(model_, plain('n'));
    EXPECT_EQ(model_.notice(), "nothing to search for; / asks");
}

TEST_F(Keys, ShowAndHideTheLog) {
    for (const char key : std::string("lD")) {
        EXPECT_GT(model_.layout().log.rows, 0);
        (void)press(model_, named(Name::Tab));
        EXPECT_EQ(model_.pane(), Pane::Log);
        (void)press(model_, plain(static_cast<char32_t>(key)));
        EXPECT_EQ(model_.layout().log.rows, 0);
        EXPECT_EQ(model_.pane(), Pane::List) << "what is hidden has no keys";
        (void)press(model_, named(Name::Tab));
        EXPECT_EQ(model_.pane(), Pane::List);
        (void)press(model_, plain(static_cast<char32_t>(key)));
    }
}

TEST_F(Keys, LogMoreWhenVerbose) {
    const auto logged = [this] { return model_.lines().lines().size(); };
    const std::size_t before = logged();
    model_.log(noon, "a checker", Model::Detail::Verbose);
    EXPECT_EQ(logged(), before);
    (void)press(model_, plain('v'));
    model_.log(noon, "a checker", Model::Detail::Verbose);
    EXPECT_EQ(logged(), before + 2);
    (void)press(model_, plain('v'));
    model_.log(noon, "a checker", Model::Detail::Verbose);
    EXPECT_EQ(logged(), before + 3);
}

TEST_F(Keys, GoToThePendingApproval) {
    (void)press(model_, plain('p'));
    EXPECT_EQ(model_.notice(), "nobody waits for an approval");
    EXPECT_EQ(selected(), "c00");
    model_.put(pending(sample_client("c17")));
    EXPECT_EQ(selected(), "c00") << "what comes does not take the selection away";
    (void)press(model_, plain('p'));
    EXPECT_EQ(selected(), "c17");
}

TEST_F(Keys, EscapeShowsAndEndsTheHelp) {
    (void)press(model_, named(Name::Escape));
    EXPECT_EQ(model_.help(), Shown::Yes);
    (void)press(model_, named(Name::Escape));
    EXPECT_EQ(model_.help(), Shown::No);
    for (const auto& key : {plain('?'), named(Name::F1)}) {
        (void)press(model_, key);
        EXPECT_EQ(model_.help(), Shown::Yes);
        (void)press(model_, key);
        EXPECT_EQ(model_.help(), Shown::No);
    }
}

TEST_F(Keys, TheMouseSelectsAndScrolls) {
    const Layout parts = model_.layout();
    (void)model_.input(Mouse{Mouse::Act::Press, parts.list.top + 2, 5}, noon);
    EXPECT_EQ(selected(), "c02");
    (void)model_.input(Mouse{Mouse::Act::WheelDown, parts.list.top, 5}, noon);
    EXPECT_EQ(selected(), "c05");
    (void)model_.input(Mouse{Mouse::Act::Press, parts.log.top, 5}, noon);
    EXPECT_EQ(model_.pane(), Pane::Log);
    (void)model_.input(Mouse{Mouse::Act::WheelUp, parts.log.top, 5}, noon);
    EXPECT_GT(model_.lines().back(), 0U);
    (void)model_.input(Mouse{Mouse::Act::Press, 1000, 1000}, noon);
    (void)model_.input(Mouse{Mouse::Act::Press, -1, -1}, noon);
    EXPECT_EQ(selected(), "c05");
}

} // namespace
} // namespace mandos::monitor
