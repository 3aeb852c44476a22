// Random lives of a server against the promises (tests/support/core_world.h).
// MANDOS_TEST_SEED=N chooses the lives, MANDOS_TEST_STEPS=1000000 how long they are together.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_world.h"

using mandos::support::CoreWorld;
using mandos::support::kinds_of_steps;
using mandos::support::Step;

namespace {

std::size_t from_environment(const char* name, std::size_t otherwise) {
    const char* text = std::getenv(name); // NOLINT(concurrency-mt-unsafe): the test has one thread
    return text == nullptr ? otherwise : std::stoul(text);
}

// How often each kind of step comes, in the order of the enumeration.
constexpr std::array<int, kinds_of_steps> weights{30, 5, 12, 2, 1,  15, 3, 5, 5, 8, 4, 4, 3, 2, 8, 4,
                                                  3,  6, 1,  2, 15, 6,  4, 4, 6, 4, 4, 3, 3, 2, 3};

struct Story {
    std::uint32_t seed; // of the world
    std::vector<Step> steps;
};

// What goes wrong in STORY; nothing: nothing does.
std::optional<std::string> failure(const Story& story, std::vector<std::string>* told = nullptr) {
    CoreWorld world(story.seed);
    if (told != nullptr)
        world.tell(*told);
    for (const Step& step : story.steps) {
        if (world.failure())
            break;
        world.live(step);
    }
    return world.failure();
}

// Drops steps, many at first and then one by one, while something still goes wrong.
Story shortest(Story story) {
    for (std::size_t piece = std::max<std::size_t>(1, story.steps.size() / 2);;) {
        bool dropped = false;
        for (std::size_t from = 0; from < story.steps.size();) {
            Story shorter = story;
            const auto first = shorter.steps.begin() + static_cast<std::ptrdiff_t>(from);
            const auto last = shorter.steps.begin()
                              + static_cast<std::ptrdiff_t>(std::min(from + piece, story.steps.size()));
            shorter.steps.erase(first, last);
            if (failure(shorter)) {
                story = std::move(shorter);
                dropped = true;
            } else {
                from += piece;
            }
        }
        if (piece == 1 && !dropped)
            return story;
        piece = std::max<std::size_t>(1, piece / 2);
    }
}

} // namespace

TEST(Server, KeepsItsPromisesInRandomLives) {
    const std::size_t seed = from_environment("MANDOS_TEST_SEED", std::random_device{}());
    const std::size_t steps = from_environment("MANDOS_TEST_STEPS", 100'000);
    std::cout << "MANDOS_TEST_SEED=" << seed << '\n';
    std::mt19937 random(static_cast<std::uint32_t>(seed));
    std::discrete_distribution<int> kind(weights.begin(), weights.end());
    for (std::size_t lived = 0; lived < steps;) {
        Story story{.seed = static_cast<std::uint32_t>(random())};
        for (std::size_t length = 20 + random() % 180; length > 0; --length)
            story.steps.push_back({.kind = static_cast<Step::Kind>(kind(random)),
                                   .seed = static_cast<std::uint32_t>(random())});
        lived += story.steps.size();
        if (!failure(story))
            continue;
        std::vector<std::string> told;
        const auto wrong = failure(shortest(story), &told);
        std::string text;
        for (const std::string& line : told)
            text += line + '\n';
        FAIL() << "MANDOS_TEST_SEED=" << seed << ", after " << lived << " steps. The shortest story:\n"
               << text << *wrong;
    }
}
