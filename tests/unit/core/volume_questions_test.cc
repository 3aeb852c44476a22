// Which volume is given which password, and which tries are left to the person.
#include "core/volume_questions.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "core/time.h"

namespace limits = mandos::core::limits;
using mandos::SecretBytes;
using mandos::core::FetchPauses;
using mandos::core::Time;
using mandos::core::VolumeQuestion;
using mandos::core::VolumeQuestions;
using Decision = VolumeQuestions::Decision;

namespace {

SecretBytes secret(std::string_view text) {
    return SecretBytes::copy_of(mandos::as_bytes(text));
}

VolumeQuestion question(int process, std::string volume, unsigned tried = 0, unsigned tries = 3) {
    return {.process = process, .started = 1, .volume = std::move(volume), .tried = tried, .tries = tries};
}

} // namespace

TEST(VolumeQuestions, AreAnsweredOnceEach) {
    VolumeQuestions questions;
    const SecretBytes password = secret("a");
    const VolumeQuestion root = question(1, "root");
    EXPECT_EQ(questions.decide(root, password), Decision::Give);
    questions.given(root, password);
    EXPECT_EQ(questions.decide(root, password), Decision::Leave);
    EXPECT_FALSE(questions.is_refusal(root));
    EXPECT_EQ(questions.decide(question(2, "swap"), password), Decision::Give);
}

TEST(VolumeQuestions, AreNotAnsweredWithWhatWasRefused) {
    VolumeQuestions questions;
    const SecretBytes password = secret("a");
    questions.given(question(1, "root"), password);
    const VolumeQuestion again = question(2, "root", 1);
    EXPECT_TRUE(questions.is_refusal(again));
    EXPECT_EQ(questions.decide(again, password), Decision::Fetch);
    EXPECT_EQ(questions.decide(again, secret("b")), Decision::Give);
    VolumeQuestion same_number = question(1, "root", 1);
    same_number.started = 2;
    EXPECT_EQ(questions.decide(same_number, password), Decision::Fetch);
}

TEST(VolumeQuestions, LeaveTheLastTryToThePerson) {
    VolumeQuestions questions;
    questions.given(question(1, "root"), secret("a"));
    EXPECT_EQ(questions.decide(question(2, "root", 2), secret("b")), Decision::Leave);
    EXPECT_EQ(questions.decide(question(2, "root", 1), secret("b")), Decision::Give);
    EXPECT_EQ(questions.decide(question(2, "root", 5, 0), secret("b")), Decision::Give) << "without end";
    // Who has tried nothing yet takes even the last.
    EXPECT_EQ(questions.decide(question(3, "other", 0, 1), secret("b")), Decision::Give);
    EXPECT_EQ(questions.decide(question(3, "other", 2), secret("b")), Decision::Give);
}

TEST(VolumeQuestions, HaveLimits) {
    VolumeQuestions questions;
    for (std::size_t i = 0; i < limits::passwords_of_volume; ++i)
        questions.given(question(1, "root"), secret(std::to_string(i)));
    EXPECT_EQ(questions.decide(question(2, "root", 1, 0), secret("new")), Decision::Leave);
    for (std::size_t i = 1; i < limits::volumes; ++i)
        questions.given(question(1, std::to_string(i)), secret("x"));
    EXPECT_EQ(questions.decide(question(2, "new"), secret("x")), Decision::Leave);
}

TEST(FetchPauses, Grow) {
    FetchPauses pauses;
    Time now = Time() + std::chrono::hours(1);
    EXPECT_TRUE(pauses.may_fetch(now));
    pauses.fetched(now);
    EXPECT_FALSE(pauses.may_fetch(now));
    now += limits::shortest_fetch_pause;
    EXPECT_TRUE(pauses.may_fetch(now));
    pauses.fetched(now);
    EXPECT_FALSE(pauses.may_fetch(now + limits::shortest_fetch_pause));
    for (int i = 0; i < 20; ++i) {
        now += limits::longest_fetch_pause;
        EXPECT_TRUE(pauses.may_fetch(now));
        pauses.fetched(now);
    }
}
