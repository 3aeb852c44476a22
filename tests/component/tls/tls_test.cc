// The TLS adapter against the real GnuTLS, both of its sides, over a pair of sockets.
#include "adapters/tls/tls.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace {

using mandos::as_bytes;
using mandos::as_text;
using mandos::Bytes;
using mandos::ErrorKind;
using mandos::SecretBytes;
using mandos::UniqueFd;
using namespace mandos::tls; // NOLINT(google-build-using-namespace): it is what is tested

constexpr std::string_view private_key = "-----BEGIN PRIVATE KEY-----\n"
                                         "MC4CAQAwBQYDK2VwBCIEIMenhn73PeawzozyUCbS9+9dBj65GXrdV/6jZRbjoKon\n"
                                         "-----END PRIVATE KEY-----\n";
constexpr std::string_view public_key = "-----BEGIN PUBLIC KEY-----\n"
                                        "MCowBQYDK2VwAyEAKHJomHQr4HO+IRhbFc1tq4Y2qXcxw7IzDDtcwR7YXLI=\n"
                                        "-----END PUBLIC KEY-----\n";
constexpr std::string_view key_id = "A63B0D1A3DAF451CC13D4B3699482028AE5D9C21F25730EE0AF011AB43FC6E63";

KeyPair key_pair() {
    return {.public_key_pem = std::string(public_key),
            .private_key_pem = SecretBytes::copy_of(as_bytes(private_key))};
}

// A Mandos server and a Mandos client, connected, their handshake not begun.
struct Connection {
    Connection() {
        std::array<int, 2> fds{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
        server_socket.reset(fds[0]);
        client_socket.reset(fds[1]);
        server.emplace(*Session::create(server_context, server_socket.get()));
        client.emplace(*Session::create(client_context, client_socket.get()));
    }
    void shake_hands() {
        bool server_done = false;
        bool client_done = false;
        for (int turn = 0; turn < 16 && !(server_done && client_done); ++turn) {
            server_done = server_done || server->handshake() == Progress::Done;
            client_done = client_done || client->handshake() == Progress::Done;
        }
        ASSERT_TRUE(server_done && client_done);
    }
    void hang_up_client() {
        client.reset();
        client_socket.reset();
    }

    Context server_context = *Context::for_mandos_server(default_priority);
    Context client_context = *Context::for_mandos_client(default_priority, key_pair());
    UniqueFd server_socket, client_socket;
    std::optional<Session> server, client;
};

} // namespace

TEST(TlsContext, NamesThePartOfAPriorityStringThatIsWrong) {
    const auto context = Context::for_mandos_server("SECURE128:+NONSENSE:!RSA");
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().kind(), ErrorKind::Invalid);
    EXPECT_NE(context.error().text().find("NONSENSE"), std::string::npos) << context.error().text();
}

TEST(TlsContext, RefusesAPriorityStringThatLetsNobodyIn) {
    const auto context = Context::for_mandos_server("NORMAL");
    ASSERT_FALSE(context);
    EXPECT_EQ(context.error().text(),
              "priority string \"NORMAL\" allows no raw public keys, and so nobody to connect; "
              "add +CTYPE-RAWPK");
}

TEST(TlsContext, RefusesKeysThatAreNone) {
    KeyPair keys = key_pair();
    keys.public_key_pem = "not a key";
    EXPECT_FALSE(Context::for_mandos_client(default_priority, keys));
    keys = key_pair();
    keys.private_key_pem = SecretBytes::copy_of(as_bytes(public_key));
    EXPECT_FALSE(Context::for_mandos_client(default_priority, keys));
}

TEST(TlsContext, TakesThePriorityStringOfMandos18) {
    EXPECT_TRUE(Context::for_mandos_server(
        "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA"));
}

TEST(TlsSession, RefusesAPeerThatTalksNoTls) {
    Connection connection;
    ASSERT_EQ(connection.server->handshake(), Progress::WantRead);
    ASSERT_EQ(write(connection.client_socket.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28), 28);
    const auto step = connection.server->handshake();
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().kind(), ErrorKind::Invalid) << step.error().text();
}

TEST(TlsSession, SaysWhenThePeerHangsUpDuringTheHandshake) {
    Connection connection;
    ASSERT_EQ(connection.server->handshake(), Progress::WantRead);
    connection.hang_up_client();
    const auto step = connection.server->handshake();
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().kind(), ErrorKind::PeerClosed) << step.error().text();
}

TEST(TlsSession, ShowsTheServerTheKeyThatTheClientProves) {
    Connection connection;
    connection.shake_hands();
    EXPECT_EQ(connection.server->peer_key_id().text(), key_id);
}

TEST(TlsSession, CarriesAnAnswerOfManyRecordsToItsEnd) {
    Connection connection;
    connection.shake_hands();
    const Bytes sent(300'000, std::byte{'x'});
    Bytes received;
    std::array<std::byte, 4096> piece{};
    bool sending = true;
    for (;;) {
        if (sending) {
            const auto progress = connection.server->send(sent);
            ASSERT_TRUE(progress) << progress.error().text();
            if (*progress == Progress::Done) {
                sending = false;
                ASSERT_EQ(connection.server->send_close_notify(), Progress::Done);
            } else {
                EXPECT_EQ(*progress, Progress::WantWrite);
            }
        }
        const auto got = connection.client->receive(piece);
        ASSERT_TRUE(got) << got.error().text();
        if (got->closed())
            break;
        received.insert(received.end(), piece.begin(), piece.begin() + static_cast<long>(got->bytes));
    }
    EXPECT_EQ(received, sent);
    ASSERT_EQ(connection.client->send_close_notify(), Progress::Done);
    EXPECT_EQ(connection.server->await_close_notify(100), Progress::Done);
}

TEST(TlsSession, TakesNoAnswerThatEndsWithoutCloseNotify) {
    Connection connection;
    connection.shake_hands();
    ASSERT_EQ(connection.server->send(as_bytes("half a sec")), Progress::Done);
    connection.server.reset();
    connection.server_socket.reset();
    std::array<std::byte, 100> piece{};
    EXPECT_EQ(connection.client->receive(piece)->bytes, 10U);
    const auto end = connection.client->receive(piece);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().kind(), ErrorKind::PeerClosed);
    EXPECT_EQ(end.error().text(), "the connection ended without close_notify");
}

TEST(TlsSession, ListensToNoTalkInsteadOfCloseNotify) {
    Connection connection;
    connection.shake_hands();
    ASSERT_EQ(connection.server->send_close_notify(), Progress::Done);
    ASSERT_EQ(connection.client->send(Bytes(1000)), Progress::Done);
    const auto end = connection.server->await_close_notify(999);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().kind(), ErrorKind::Exhausted);
}

TEST(TlsKeyId, IsTheOneThatCerttoolPrints) {
    EXPECT_EQ(key_id_of_spki(*spki_of_pem(public_key)).text(), key_id);
    EXPECT_FALSE(spki_of_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
}

TEST(Tls, PassesItsSelfTest) {
    const auto result = self_test();
    EXPECT_TRUE(result) << result.error().text();
}
