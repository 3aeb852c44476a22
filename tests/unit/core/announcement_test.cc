#include "core/announcement.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using mandos::core::Announcement;
using Event = Announcement::Event;
using State = Announcement::State;
using Actions = Announcement::Actions;
using Add = Announcement::Add;
using Remove = Announcement::Remove;
using Rest = Announcement::Rest;
using TellAnnounced = Announcement::TellAnnounced;
using TellFailing = Announcement::TellFailing;
using TellMissing = Announcement::TellMissing;
using Interest = Announcement::Interest;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr auto Avahi = Announcement::Responder::Avahi;
constexpr auto Resolved = Announcement::Responder::Resolved;

constexpr Announcement::Presence nobody{};
constexpr Announcement::Presence avahi{.avahi = Announcement::Avahi::Ready};
constexpr Announcement::Presence busy_avahi{.avahi = Announcement::Avahi::Busy};
constexpr Announcement::Presence resolved{.resolved = Announcement::Resolved::Ready};
constexpr Announcement::Presence both{.avahi = Announcement::Avahi::Ready,
                                      .resolved = Announcement::Resolved::Ready};
constexpr Announcement::Presence busy_and_resolved{.avahi = Announcement::Avahi::Busy,
                                                   .resolved = Announcement::Resolved::Ready};

const TellAnnounced mandos_by_avahi{.responder = Avahi, .name = "Mandos", .interest = Interest::Usual};

// One that is in STATE, with Avahi where that needs somebody.
Announcement in(State state) {
    Announcement announcement("Mandos");
    switch (state) {
    case State::Idle:
        return announcement;
    case State::Publishing:
        announcement.present(avahi);
        break;
    case State::Announced:
        announcement.present(avahi);
        announcement.handle(Event::Published);
        break;
    case State::Resting:
        announcement.present(avahi);
        announcement.handle(Event::Failed);
        break;
    case State::Over:
        announcement.present(avahi);
        announcement.handle(Event::Stopped);
        break;
    }
    EXPECT_EQ(announcement.state(), state);
    return announcement;
}

struct Cell {
    State state;
    Event event;
    State next;
    Actions actions;
};

TEST(Announcement, DoesInEachStateWhatEachEventWants) {
    const Add add{.responder = Avahi, .name = "Mandos"};
    const Add add_second{.responder = Avahi, .name = "Mandos #2"};
    const Remove remove{Avahi};
    const std::vector<Cell> cells{
        // Available needs somebody: Idle and Available is in "UsesAvahiFirst".
        {State::Idle, Event::Unavailable, State::Idle, {}},
        {State::Idle, Event::Published, State::Idle, {}},
        {State::Idle, Event::Collided, State::Idle, {}},
        {State::Idle, Event::Failed, State::Idle, {}},
        {State::Idle, Event::Rested, State::Idle, {}},
        {State::Idle, Event::Stopped, State::Over, {}},

        {State::Publishing, Event::Available, State::Publishing, {}},
        {State::Publishing, Event::Unavailable, State::Idle, {remove}},
        {State::Publishing, Event::Published, State::Announced, {mandos_by_avahi}},
        {State::Publishing, Event::Collided, State::Publishing, {remove, add_second}},
        {State::Publishing, Event::Failed, State::Resting, {remove, Rest{1s}, TellFailing{Avahi}}},
        {State::Publishing, Event::Rested, State::Publishing, {}},
        {State::Publishing, Event::Stopped, State::Over, {remove}},

        {State::Announced, Event::Available, State::Announced, {}},
        {State::Announced, Event::Unavailable, State::Idle, {remove}},
        {State::Announced, Event::Published, State::Announced, {}},
        {State::Announced, Event::Collided, State::Publishing, {remove, add_second}},
        {State::Announced, Event::Failed, State::Resting, {remove, Rest{1s}, TellFailing{Avahi}}},
        {State::Announced, Event::Rested, State::Announced, {}},
        {State::Announced, Event::Stopped, State::Over, {remove}},

        {State::Resting, Event::Available, State::Resting, {}},
        {State::Resting, Event::Unavailable, State::Idle, {}},
        {State::Resting, Event::Published, State::Resting, {}},
        {State::Resting, Event::Collided, State::Resting, {}},
        {State::Resting, Event::Failed, State::Resting, {}},
        {State::Resting, Event::Rested, State::Publishing, {add}},
        {State::Resting, Event::Stopped, State::Over, {}},

        {State::Over, Event::Available, State::Over, {}},
        {State::Over, Event::Unavailable, State::Over, {}},
        {State::Over, Event::Published, State::Over, {}},
        {State::Over, Event::Collided, State::Over, {}},
        {State::Over, Event::Failed, State::Over, {}},
        {State::Over, Event::Rested, State::Over, {}},
        {State::Over, Event::Stopped, State::Over, {}},
    };
    ASSERT_EQ(cells.size(), 5U * 7U - 1);
    for (const Cell& cell : cells) {
        SCOPED_TRACE("state " + std::to_string(static_cast<int>(cell.state)) + ", event "
                     + std::to_string(static_cast<int>(cell.event)));
        Announcement announcement = in(cell.state);
        EXPECT_EQ(announcement.handle(cell.event), cell.actions);
        EXPECT_EQ(announcement.state(), cell.next);
    }
}

TEST(Announcement, UsesAvahiFirst) {
    EXPECT_EQ(Announcement::choose(nobody), std::nullopt);
    EXPECT_EQ(Announcement::choose(avahi), Avahi);
    EXPECT_EQ(Announcement::choose(resolved), Resolved);
    EXPECT_EQ(Announcement::choose(both), Avahi);
    // Two responders on one machine would fight.
    EXPECT_EQ(Announcement::choose(busy_avahi), std::nullopt);
    EXPECT_EQ(Announcement::choose(busy_and_resolved), std::nullopt);

    Announcement announcement("Mandos");
    EXPECT_THAT(announcement.present(both), ElementsAre(Add{.responder = Avahi, .name = "Mandos"}));
    EXPECT_EQ(announcement.state(), State::Publishing);
}

TEST(Announcement, ChangesOverAsTheyComeAndGo) {
    Announcement announcement("Mandos");
    EXPECT_THAT(announcement.present(resolved), ElementsAre(Add{.responder = Resolved, .name = "Mandos"}));
    EXPECT_THAT(announcement.handle(Event::Published),
                ElementsAre(TellAnnounced{Resolved, "Mandos", Interest::Usual}));
    EXPECT_THAT(announcement.present(busy_and_resolved), ElementsAre(Remove{Resolved}));
    EXPECT_THAT(announcement.present(both), ElementsAre(Add{.responder = Avahi, .name = "Mandos"}));
    EXPECT_THAT(announcement.handle(Event::Published), ElementsAre(mandos_by_avahi));
    EXPECT_THAT(announcement.present(both), IsEmpty());
    EXPECT_THAT(announcement.present(resolved),
                ElementsAre(Remove{Avahi}, Add{.responder = Resolved, .name = "Mandos"}));
}

TEST(Announcement, ToleratesAnAvahiThatRestartsOrIsBusy) {
    Announcement announcement = in(State::Announced);
    EXPECT_THAT(announcement.present(busy_avahi), ElementsAre(Remove{Avahi}));
    EXPECT_THAT(announcement.present(avahi), ElementsAre(Add{.responder = Avahi, .name = "Mandos"}));
    EXPECT_THAT(announcement.handle(Event::Published), ElementsAre(mandos_by_avahi));
    EXPECT_THAT(announcement.present(nobody), ElementsAre(Remove{Avahi}, TellMissing{}));
    EXPECT_THAT(announcement.present(avahi), ElementsAre(Add{.responder = Avahi, .name = "Mandos"}));
    EXPECT_THAT(announcement.handle(Event::Published), ElementsAre(mandos_by_avahi));
}

TEST(Announcement, TellsOnceThatNobodyIsThere) {
    Announcement announcement("Mandos");
    EXPECT_THAT(announcement.present(nobody), ElementsAre(TellMissing{}));
    EXPECT_THAT(announcement.present(nobody), IsEmpty());
    EXPECT_THAT(announcement.present(busy_avahi), IsEmpty());
    EXPECT_THAT(announcement.present(nobody), IsEmpty());
}

TEST(Announcement, TellsNothingWhenItIsOver) {
    Announcement announcement = in(State::Over);
    EXPECT_THAT(announcement.present(nobody), IsEmpty());
    EXPECT_THAT(announcement.present(both), IsEmpty());
}

TEST(Announcement, RestsLongerEachTimeAndTellsOnce) {
    Announcement announcement("Mandos");
    announcement.present(avahi);
    EXPECT_THAT(announcement.handle(Event::Failed), ElementsAre(Remove{Avahi}, Rest{1s}, TellFailing{Avahi}));
    for (const auto rest : {2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 300s, 300s}) {
        EXPECT_THAT(announcement.handle(Event::Rested),
                    ElementsAre(Add{.responder = Avahi, .name = "Mandos"}));
        EXPECT_THAT(announcement.handle(Event::Failed), ElementsAre(Remove{Avahi}, Rest{rest}));
    }
    announcement.handle(Event::Rested);
    EXPECT_THAT(announcement.handle(Event::Published), ElementsAre(mandos_by_avahi));
    EXPECT_THAT(announcement.handle(Event::Failed), ElementsAre(Remove{Avahi}, Rest{1s}, TellFailing{Avahi}));
}

TEST(Announcement, KeepsTheNameItFound) {
    Announcement announcement("Mandos");
    announcement.present(avahi);
    announcement.handle(Event::Collided);
    EXPECT_THAT(announcement.handle(Event::Published),
                ElementsAre(TellAnnounced{Avahi, "Mandos #2", Interest::Usual}));
    announcement.present(nobody);
    EXPECT_THAT(announcement.present(avahi), ElementsAre(Add{.responder = Avahi, .name = "Mandos #2"}));
}

TEST(Announcement, WearsNobodyOutWhoTakesEachName) {
    Announcement announcement("Mandos");
    announcement.present(avahi);
    std::size_t usual = 0;
    for (std::size_t i = 0; i < Announcement::most_collisions; ++i) {
        ASSERT_EQ(announcement.handle(Event::Collided).size(), 2U);
        const Actions told = announcement.handle(Event::Published);
        ASSERT_EQ(told.size(), 1U);
        if (std::get<TellAnnounced>(told.front()).interest == Interest::Usual)
            ++usual;
    }
    EXPECT_EQ(usual, Announcement::collisions_of_interest);
    EXPECT_THAT(announcement.handle(Event::Collided),
                ElementsAre(Remove{Avahi}, Rest{Announcement::longest_rest}, TellFailing{Avahi}));
    EXPECT_EQ(announcement.state(), State::Resting);
    EXPECT_THAT(announcement.handle(Event::Rested), ElementsAre(Add{.responder = Avahi, .name = "Mandos"}));
}

} // namespace
