// What a question for password agents must say to be answered.
#include "wire/ask_question.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

using mandos::wire::parse_ask_question;

TEST(AskQuestion, WithoutSomebodyToAnswerIsRefused) {
    for (const std::string text :
         {"", "nonsense", "PID=1\nSocket=/s\n", "[Other]\nPID=1\nSocket=/s\n", "[Ask]\nPID=1\n",
          "[Ask]\nSocket=/s\n", "[Ask]\nPID=0\nSocket=/s\n", "[Ask]\nPID=-1\nSocket=/s\n",
          "[Ask]\nPID=1x\nSocket=/s\n", "[Ask]\nPID=99999999999\nSocket=/s\n", "[Ask]\nPID=1\nSocket=s\n",
          "[Ask]\nPID=1\nSocket=\n"})
        EXPECT_FALSE(parse_ask_question(text)) << text;
    const std::string head = "[Ask]\nPID=1\nSocket=/";
    EXPECT_TRUE(parse_ask_question(head + std::string(106, 'x')));
    EXPECT_FALSE(parse_ask_question(head + std::string(107, 'x'))) << "sun_path has 108 bytes";
}

TEST(AskQuestion, SaysWhomToAnswerAndHowLong) {
    const auto question =
        parse_ask_question("[Ask]\nPID=4711\nSocket=/run/s\nNotAfter=123456\nMessage=50%: [x]\n");
    ASSERT_TRUE(question);
    EXPECT_EQ(question->process, 4711);
    EXPECT_EQ(question->socket, "/run/s");
    EXPECT_EQ(question->not_after, std::chrono::microseconds(123456));
}

TEST(AskQuestion, LastsForEverWithoutATime) {
    for (const std::string text : {"", "NotAfter=0\n", "NotAfter=-5\n", "NotAfter=soon\n"})
        EXPECT_EQ(parse_ask_question("[Ask]\nPID=1\nSocket=/s\n" + text)->not_after,
                  std::chrono::microseconds(0));
}
