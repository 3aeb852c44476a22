// Answers by the hundred: which one is looked at when, and how many large ones there are.
#include "programs/fetch/answers.h"

#include <cstddef>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/openpgp/generate.h"
#include "adapters/openpgp/openpgp.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "core/limits.h"
#include "loop/asio.h"

namespace {

using mandos::as_bytes;
using mandos::Bytes;
using mandos::ErrorKind;
using mandos::Result;
using mandos::SecretBytes;
using mandos::fetch::Answers;
using testing::ElementsAre;
namespace io = mandos::io;
namespace limits = mandos::core::limits;
namespace openpgp = mandos::openpgp;

SecretBytes new_key() {
    auto key = openpgp::generate_key(
        {.user_id = "client.example", .comment = "", .tls_key = openpgp::KeyRequest::TlsKey::Subkey});
    EXPECT_TRUE(key) << key.error().text();
    return std::move(key->secret_key);
}

Bytes message_to(const SecretBytes& key) {
    const auto message = openpgp::encrypt_to_self(SecretBytes::copy_of(as_bytes("hunter2")), key);
    EXPECT_TRUE(message) << message.error().text();
    return *message;
}

class AnswersTest : public testing::Test {
  protected:
    ~AnswersTest() override { answers_.end(); }

    // An answer called NAME, MESSAGE, is there.
    void comes(std::string name, Bytes message) {
        io::co_spawn(loop_, take(std::move(name), std::move(message)), [](const std::exception_ptr& thrown) {
            if (thrown)
                std::rethrow_exception(thrown);
        });
        go_on();
    }

    io::awaitable<void> take(std::string name, Bytes message) {
        auto turn = co_await answers_.turn(message);
        if (!turn) {
            refused_.push_back(turn.error().kind());
            co_return;
        }
        turns_.push_back(name);
        held_.emplace(name, *std::move(turn));
    }

    void is_decrypted(const std::string& name) {
        ASSERT_EQ(held_.erase(name), 1U);
        go_on();
    }

    void go_on() {
        loop_.restart();
        loop_.poll();
    }

    const SecretBytes key_ = new_key();
    Answers answers_{key_};
    std::vector<std::string> turns_;
    std::vector<ErrorKind> refused_;
    std::map<std::string, Answers::Held> held_;
    io::io_context loop_{1};
};

TEST_F(AnswersTest, ThatAreNotForThisClientAreLookedAtOneAtATimeInTheirOrder) {
    const Bytes to_another = message_to(new_key());
    comes("first", Bytes(1));
    comes("second", to_another);
    comes("third", Bytes(4096));
    EXPECT_THAT(turns_, ElementsAre("first"));
    is_decrypted("first");
    EXPECT_THAT(turns_, ElementsAre("first", "second"));
    comes("fourth", Bytes());
    is_decrypted("second");
    is_decrypted("third");
    EXPECT_THAT(turns_, ElementsAre("first", "second", "third", "fourth"));
    is_decrypted("fourth");
    comes("fifth", to_another);
    EXPECT_EQ(turns_.back(), "fifth");
}

TEST_F(AnswersTest, TheOneForThisClientWaitsForNobody) {
    for (std::size_t i = 0; i < 200; ++i)
        comes(std::to_string(i), Bytes(4096));
    EXPECT_THAT(turns_, ElementsAre("0"));
    comes("good", message_to(key_));
    EXPECT_THAT(turns_, ElementsAre("0", "good"));
    is_decrypted("0");
    EXPECT_THAT(turns_, ElementsAre("0", "good")) << "one is being decrypted";
    is_decrypted("good");
    EXPECT_THAT(turns_, ElementsAre("0", "good", "1"));
}

TEST_F(AnswersTest, NoMoreWaitThanTheLimit) {
    for (std::size_t i = 0; i < 1 + limits::unnamed_answers; ++i)
        comes(std::to_string(i), Bytes(1));
    EXPECT_TRUE(refused_.empty());
    comes("one more", Bytes(1));
    EXPECT_THAT(refused_, ElementsAre(ErrorKind::Exhausted));
    is_decrypted("0");
    comes("another", Bytes(1));
    EXPECT_EQ(refused_.size(), 1U);
}

TEST_F(AnswersTest, AreEndedWhileTheyWait) {
    for (std::size_t i = 0; i < 5; ++i)
        comes(std::to_string(i), Bytes(1));
    EXPECT_EQ(turns_.size(), 1U);
}

TEST_F(AnswersTest, NoMoreLargeOnesAreTakenThanTheLimit) {
    std::vector<Answers::Held> large;
    for (std::size_t i = 0; i < limits::large_answers; ++i) {
        auto room = answers_.large();
        ASSERT_TRUE(room);
        large.push_back(*std::move(room));
    }
    const auto more = answers_.large();
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().kind(), ErrorKind::Exhausted);
    large.pop_back();
    EXPECT_TRUE(answers_.large());
}

} // namespace
