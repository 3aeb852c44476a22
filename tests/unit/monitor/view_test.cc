#include "programs/mandos-monitor/view.h"

#include <chrono>
#include <clocale>
#include <cstdlib>
#include <string>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/screen/grid.h"
#include "adapters/screen/screen.h"
#include "programs/mandos-monitor/model.h"
#include "tests/unit/monitor/sample.h"

namespace mandos::monitor {
namespace {

using screen::Characters;
using screen::Focus;
using screen::Grid;
using screen::Name;
using screen::named;
using screen::plain;
using testing::HasSubstr;
using testing::Not;

class View : public testing::Test {
  protected:
    View() {
        setlocale(LC_CTYPE, "C.UTF-8");
        setenv("TZ", "UTC", 1);
        tzset();
        model_.resize({.rows = 24, .columns = 80});
    }
    ~View() override { setlocale(LC_CTYPE, "C"); }

    Grid grid(Characters characters = Characters::Unicode) { return draw(model_, noon, characters); }
    std::string row(int number) { return grid().row_text(number); }
    // The row of the screen that begins so; "" if none does.
    std::string row_with(const std::string& start) {
        const Grid drawn = grid();
        for (int number = 0; number < drawn.size().rows; ++number)
            if (drawn.row_text(number).starts_with(start))
                return drawn.row_text(number);
        return {};
    }

    Model model_{noon};
};

TEST_F(View, EscapesWhatTheBusSupplies) {
    Client evil = sample_client("evil\x1b[2J\n");
    evil.host = "\x1b]0;title\a";
    evil.checker = "\x9b"
                   "31m";
    evil = pending(evil);
    evil.peers = {"\x1b[1mpeer\r\n"};
    model_.put(evil);
    (void)press(model_, named(Name::Enter));
    const Grid drawn = grid();
    for (int number = 0; number < drawn.size().rows; ++number)
        for (int column = 0; column < drawn.size().columns; ++column) {
            const char32_t shown_character = drawn.at(number, column).character;
            EXPECT_TRUE(shown_character == 0
                        || (shown_character >= 0x20 && shown_character != 0x7F
                            && (shown_character < 0x80 || shown_character >= 0xA0)));
        }
    EXPECT_THAT(row(1), HasSubstr("evil\\x1b[2J\\n: Denial in 0:00:20."));
    EXPECT_THAT(row(1), HasSubstr("from \\x1b[1mp"));
}

TEST_F(View, ListsClientsWithTheirTime) {
    model_.put(sample_client("b"));
    model_.put(disabled(sample_client("a")));
    EXPECT_EQ(row(1), "a: DISABLED");
    EXPECT_EQ(row(2), "b: enabled" + std::string(44, ' ') + "0:02:30 [████████░░░░░░░░]");
    EXPECT_EQ(grid(Characters::Ascii).row_text(2),
              "b: enabled" + std::string(44, ' ') + "0:02:30 [########........]");
}

TEST_F(View, LetsTheBarGiveWayToWhatIsWritten) {
    Client failed = sample_client("mail.example.org");
    failed.last_checker_status = 1;
    model_.put(failed);
    const std::string bar = "[████████░░░░░░░░]";
    model_.resize({.rows = 24, .columns = 100});
    EXPECT_EQ(row(1),
              "mail.example.org: A checker has failed! Time until client gets disabled: 0:02:30  " + bar);
    model_.resize({.rows = 24, .columns = 80});
    EXPECT_EQ(row(1), "mail.example.org: A checker has failed!" + std::string(15, ' ') + "0:02:30 " + bar);
    model_.resize({.rows = 24, .columns = 50});
    EXPECT_EQ(row(1), "mail.example.org: A checker has failed!    0:02:30");
    model_.resize({.rows = 24, .columns = 40});
    EXPECT_EQ(row(1), "mail.example.org: A checker has failed!");
    Client asking = pending(sample_client("mail.example.org"));
    asking.peers = {"[2001:db8::7]:40104"};
    model_.put(asking);
    model_.resize({.rows = 24, .columns = 80});
    EXPECT_EQ(row(1), "mail.example.org: Denial in 0:00:20. (a)pprove? from [2001:db8::7]:40104");
    model_.put(sample_client("mail.example.org"));
    model_.resize({.rows = 24, .columns = 50});
    EXPECT_EQ(row(1), "mail.example.org: enabled" + std::string(18, ' ') + "0:02:30");
    model_.resize({.rows = 24, .columns = 30});
    EXPECT_EQ(row(1), "mail.example.org: enabled");
}

TEST_F(View, PutsPendingApprovalsOnTopWithTheirPeers) {
    model_.put(sample_client("a"));
    Client asking = pending(sample_client("z"));
    asking.peers = {"192.0.2.7"};
    model_.put(asking);
    EXPECT_THAT(row(0), HasSubstr("1 waiting, 2 clients"));
    EXPECT_THAT(row(1), HasSubstr("z: Denial in 0:00:20. (a)pprove? from 192.0.2.7"));
    EXPECT_THAT(row(1), HasSubstr("[███████████░░░░░]"));
    asking.peers.emplace_back("192.0.2.8");
    model_.put(asking);
    EXPECT_THAT(row(1), HasSubstr("from 192.0.2.7 +1"));
    asking.approval_pending = false;
    model_.put(asking);
    EXPECT_THAT(model_.find("/clients/z")->peers, testing::IsEmpty());
}

TEST_F(View, MarksTheSelectedRow) {
    model_.put(sample_client("a"));
    model_.put(sample_client("b"));
    (void)press(model_, named(Name::Down));
    EXPECT_EQ(grid().at(1, 0).style.focus, Focus::Off);
    EXPECT_EQ(grid().at(2, 0).style.focus, Focus::On);
    EXPECT_EQ(grid().at(2, 79).style.focus, Focus::On);
    (void)press(model_, named(Name::Tab));
    EXPECT_EQ(grid().at(2, 0).style.focus, Focus::Off);
}

TEST_F(View, DrawsALineAboveTheLog) {
    const int line = model_.layout().log_line.top;
    std::string unicode;
    for (int i = 0; i < 80; ++i)
        unicode += "─";
    EXPECT_EQ(row(line), unicode);
    EXPECT_EQ(grid(Characters::Ascii).row_text(line), std::string(80, '_'));
}

TEST_F(View, ShowsTheNewestLogLineAtTheBottom) {
    model_.log(noon + std::chrono::milliseconds(7), "newest");
    EXPECT_EQ(row(22), "2026-11-24 12:00:00,007: newest");
    EXPECT_EQ(row(21), "2026-11-24 12:00:00,000: q: Quit  ?: Help");
}

TEST_F(View, WrapsOrCutsLongLines) {
    model_.log(noon, std::string(70, 'x'));
    EXPECT_EQ(row(21), "2026-11-24 12:00:00,000: " + std::string(55, 'x'));
    EXPECT_EQ(row(22), std::string(15, 'x'));
    (void)press(model_, plain('w'));
    EXPECT_EQ(row(21), "2026-11-24 12:00:00,000: " + std::string(55, 'x'));
    EXPECT_THAT(row(22), HasSubstr("are cut"));
    (void)press(model_, plain('i'));
    EXPECT_THAT(row(22), HasSubstr("are wrapped"));
}

TEST_F(View, SaysHowMuchOfTheLogIsBelow) {
    (void)press(model_, named(Name::Tab));
    (void)press(model_, named(Name::Up));
    EXPECT_THAT(row(model_.layout().log_line.top), HasSubstr(" newer lines below: 1 "));
}

TEST_F(View, MarksWhatIsSearchedFor) {
    model_.log(noon, "one Alarm and an alarm");
    (void)press(model_, named(Name::Tab));
    type(model_, "/alarm");
    (void)press(model_, named(Name::Enter));
    const Grid drawn = grid();
    EXPECT_EQ(drawn.row_text(22), "2026-11-24 12:00:00,000: one Alarm and an alarm");
    EXPECT_EQ(drawn.at(22, 29).style.role, screen::Role::Match);
    EXPECT_EQ(drawn.at(22, 34).style.role, screen::Role::Plain);
    EXPECT_EQ(drawn.at(22, 42).style.role, screen::Role::Match);
}

TEST_F(View, ShowsTheDetailsOfTheSelected) {
    model_.put(sample_client("a"));
    (void)press(model_, named(Name::Enter));
    EXPECT_EQ(row_with("Name"), "Name      a (enabled)");
    EXPECT_EQ(row_with("Expires"), "Expires   2026-11-24 12:02:30");
    EXPECT_EQ(row_with("Checked"), "Checked   not yet; last checker: success");
    Client asking = pending(sample_client("a"));
    asking.peers = {"192.0.2.7", "192.0.2.8"};
    model_.put(asking);
    EXPECT_EQ(row_with("Waiting"), "Waiting   192.0.2.7, 192.0.2.8, 0:00:20 left");
    (void)press(model_, named(Name::Enter));
    EXPECT_EQ(row_with("Expires"), "");
}

TEST_F(View, ShowsAllDetailsWhereThereIsRoom) {
    model_.put(pending(sample_client("a")));
    (void)press(model_, named(Name::Enter));
    EXPECT_EQ(row_with("Created"), "");
    model_.resize({.rows = 50, .columns = 80});
    EXPECT_EQ(row_with("Created"), "Created   not told");
}

TEST_F(View, CountsTheClients) {
    EXPECT_THAT(row(0), HasSubstr(" 0 clients, by name"));
    model_.put(sample_client("a"));
    EXPECT_THAT(row(0), HasSubstr(" 1 client, by name"));
    model_.put(sample_client("b"));
    EXPECT_THAT(row(0), HasSubstr(" 2 clients, by name"));
}

TEST_F(View, TellsOfTheServerAndItsLockdown) {
    model_.set_connection("server :1.5");
    EXPECT_THAT(row(0), HasSubstr("Mandos: server :1.5 "));
    EXPECT_THAT(row(0), Not(HasSubstr("LOCKDOWN")));
    model_.set_lockdown(Model::Lockdown::On);
    EXPECT_THAT(row(0), HasSubstr("Mandos: server :1.5  LOCKDOWN"));
}

TEST_F(View, ShowsTheFilterAndWhatItHides) {
    for (const char* name : {"web1", "web2", "mail"})
        model_.put(sample_client(name));
    type(model_, "/web");
    EXPECT_EQ(row(23), "Filter: web");
    EXPECT_THAT(row(0), HasSubstr("2 of 3 clients, by name, filter: web"));
    type(model_, "zz");
    EXPECT_EQ(row(1), "No client matches the filter; Esc shows all");
}

TEST_F(View, ShowsEachKeyInTheHelp) {
    (void)press(model_, plain('?'));
    model_.resize({.rows = 40, .columns = 80});
    const std::string help = grid().text();
    for (const Binding& binding : bindings())
        EXPECT_THAT(help, HasSubstr(std::string(binding.key_text)));
    model_.resize({.rows = 10, .columns = 80});
    EXPECT_THAT(grid().text(), Not(HasSubstr("Ctrl-Z")));
    (void)press(model_, named(Name::End));
    EXPECT_THAT(grid().text(), HasSubstr("Ctrl-Z")) << "it scrolls";
}

// Whatever size a terminal has, nothing is drawn outside it, and the rows that exist are all used once.
TEST_F(View, FitsAnySize) {
    for (int i = 0; i < 50; ++i)
        model_.put(i % 3 == 0 ? pending(sample_client(fmt::format("c{}", i)))
                              : sample_client(fmt::format("c{}", i)));
    for (const bool details : {false, true}) {
        for (int rows = 0; rows < 40; ++rows)
            for (const int columns : {0, 1, 5, 20, 59, 60, 200}) {
                model_.resize({.rows = rows, .columns = columns});
                EXPECT_EQ(grid().size(), model_.size());
                const Layout parts = model_.layout();
                EXPECT_EQ(parts.footer.end(), rows);
                EXPECT_GE(parts.list.rows, rows > 0 ? 1 : 0);
            }
        if (!details)
            (void)press(model_, named(Name::Enter));
    }
}

TEST_F(View, DrawsTenThousandClientsInTheTimeOfAFrame) {
    for (int i = 0; i < 10'000; ++i)
        model_.put(sample_client(fmt::format("client{}", i)));
    (void)grid();
    const auto start = std::chrono::steady_clock::now();
    for (int frame = 0; frame < 20; ++frame) {
        Client changed = sample_client("client4711");
        changed.last_checker_status = frame % 2;
        model_.put(changed); // so that it sorts each time
        (void)grid();
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

} // namespace
} // namespace mandos::monitor
