// What a person at the console reads of what plugins say.
#include "core/plugin_voices.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/limits.h"
#include "core/time.h"

namespace limits = mandos::core::limits;
using mandos::core::PluginVoices;
using mandos::core::Time;
using testing::HasSubstr;

namespace {

const Time start = Time() + std::chrono::hours(1);
const Time later = start + limits::plugin_prompt_pause;

} // namespace

TEST(PluginVoices, PutWhoseItIsInFrontOfEachLine) {
    PluginVoices voices;
    EXPECT_EQ(voices.said("a", "one\ntwo\n", start), "Mandos plugin a: one\nMandos plugin a: two\n");
    EXPECT_EQ(voices.said("a", "Mandos plugin a: three\n", start), "Mandos plugin a: three\n");
    EXPECT_EQ(voices.said("b", "Mandos plugin a: false\n", start),
              "Mandos plugin b: Mandos plugin a: false\n");
    EXPECT_EQ(voices.said("a", "\n\n", start), "");
    EXPECT_EQ(voices.own("four"), "plugin-runner: four\n");
}

TEST(PluginVoices, DoNotTearEachOthersLines) {
    PluginVoices voices;
    EXPECT_EQ(voices.said("a", "o", start), "");
    EXPECT_EQ(voices.said("b", "two\n", start), "Mandos plugin b: two\n");
    EXPECT_EQ(voices.said("a", "ne\n", start), "Mandos plugin a: one\n");
    EXPECT_EQ(voices.said("a", "last words", start), "");
    EXPECT_EQ(voices.ended("a", start), "Mandos plugin a: last words\n");
    EXPECT_EQ(voices.ended("a", start), "");
    EXPECT_EQ(voices.ended("nobody", start), "");
}

TEST(PluginVoices, DoNothingToTheTerminal) {
    PluginVoices voices;
    EXPECT_EQ(voices.said("a\x1b", "\x1b[2J\r\n", start), "Mandos plugin a\\x1b: \\x1b[2J\\x0d\n");
    voices.said("a", "\x1b]0;", start);
    EXPECT_EQ(voices.due(later), "\\x1b]0;");
}

TEST(PluginVoices, ShowAPromptAsItIsAndAgainAfterEachLine) {
    PluginVoices voices;
    EXPECT_EQ(voices.said("ask", "Unlocking\nPassphrase: ", start), "Mandos plugin ask: Unlocking\n");
    EXPECT_EQ(voices.deadline(), later);
    EXPECT_EQ(voices.due(start), "");
    EXPECT_EQ(voices.due(later), "Passphrase: ");
    EXPECT_EQ(voices.deadline(), std::nullopt);
    EXPECT_EQ(voices.said("net", "no server\n", later), "\nMandos plugin net: no server\nPassphrase: ");
    EXPECT_EQ(voices.own("hello"), "\nplugin-runner: hello\nPassphrase: ");
    EXPECT_EQ(voices.said("ask", "\n", later), "\n");
    EXPECT_EQ(voices.said("net", "there\n", later), "Mandos plugin net: there\n");
}

TEST(PluginVoices, EndThePromptOfAPluginThatEnds) {
    PluginVoices voices;
    voices.said("ask", "Passphrase: ", start);
    voices.due(later);
    EXPECT_EQ(voices.ended("ask", later), "\n");
    EXPECT_EQ(voices.own("next"), "plugin-runner: next\n");
}

TEST(PluginVoices, ShowTheNewestOfTwoPrompts) {
    PluginVoices voices;
    voices.said("a", "A: ", start);
    voices.due(later);
    voices.said("b", "B: ", later);
    EXPECT_EQ(voices.due(later + limits::plugin_prompt_pause), "\nB: ");
    EXPECT_EQ(voices.own("x"), "\nplugin-runner: x\nB: ");
}

TEST(PluginVoices, SayLongLinesInPieces) {
    PluginVoices voices;
    const std::string text = voices.said("a", std::string(limits::plugin_line + 1, 'x') + "\n", start);
    EXPECT_EQ(text, "Mandos plugin a: " + std::string(limits::plugin_line, 'x') + "\nMandos plugin a: x\n");
}

TEST(PluginVoices, AreCutWhenTheySayTooMuchAndHeardAgainLater) {
    PluginVoices voices;
    const std::string line = std::string(99, 'x') + "\n";
    std::string all;
    for (int i = 0; i < 10'000; ++i)
        all += voices.said("flood", line, start);
    EXPECT_LT(all.size(), 2 * limits::plugin_messages);
    EXPECT_TRUE(all.ends_with("Mandos plugin flood: it says too much; the rest is left out for now\n"));
    EXPECT_EQ(voices.said("other", "heard\n", start), "Mandos plugin other: heard\n");
    EXPECT_THAT(voices.said("flood", line, start + std::chrono::minutes(1)), HasSubstr("xxx"));
}
