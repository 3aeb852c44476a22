// A Mandos server that misbehaves as it is told, on raw GnuTLS and nothing of ours, so that a client is not
// tested against its own code.
//     scripted_server --fd=N --mode=MODE [--message=FILE] [--bytes=N] [--step=N]
// Serves the listening socket N until it is killed, each connection in a thread. What happens is said on
// standard error, a line each: "connected", "line 1", "handshake done", "sent", "bye", "gone".
// With --step, each connection may send N bytes more than the one before.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <getopt.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

enum class Mode {
    Good,       // as Mandos 1.8
    Silent,     // accepts, says nothing
    Stall,      // as Good, but nothing more goes out after --bytes bytes
    Reset,      // the same, then resets the connection
    Cut,        // the same, then closes the connection
    NotTls,     // text instead of a ClientHello
    Http,       // answers before the line, as a server of something else
    Tls12,      // offers TLS 1.2 only
    X509,       // wants an X.509 certificate
    ForgetsBye, // sends the message, closes without close_notify
    Empty,      // close_notify without a byte
    Endless,    // sends for ever
    Drip,       // a byte of the message at a time, a record each
    HangsUp,    // after the line
};

const std::map<std::string_view, Mode> modes = {
    {"good", Mode::Good},   {"silent", Mode::Silent},
    {"stall", Mode::Stall}, {"reset", Mode::Reset},
    {"cut", Mode::Cut},     {"not-tls", Mode::NotTls},
    {"http", Mode::Http},   {"tls12", Mode::Tls12},
    {"x509", Mode::X509},   {"forgets-bye", Mode::ForgetsBye},
    {"empty", Mode::Empty}, {"endless", Mode::Endless},
    {"drip", Mode::Drip},   {"hangs-up", Mode::HangsUp},
};

constexpr const char* mandos_priority =
    "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA";

struct Script {
    int listener = -1;
    Mode mode = Mode::Good;
    std::string message;
    std::size_t bytes = 0; // that may go out on the first connection,
    std::size_t step = 0;  // so many more on each that follows
};

void say(const char* what) {
    const std::string line = std::string(what) + "\n";
    (void)!write(STDERR_FILENO, line.data(), line.size());
}

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::_Exit(EXIT_FAILURE);
}

struct Connection {
    const Script* script = nullptr;
    int fd = -1;
    std::size_t bytes = 0; // that may go out
    std::size_t sent = 0;
};

// Until the other side closes.
void wait_for_the_end(int fd) {
    std::vector<char> buffer(65536);
    while (read(fd, buffer.data(), buffer.size()) > 0)
        continue;
    say("gone");
}

// What GnuTLS sends through: only so many bytes get out.
ssize_t push(gnutls_transport_ptr_t pointer, const void* data, std::size_t size) {
    auto& connection = *static_cast<Connection*>(pointer);
    const Mode mode = connection.script->mode;
    const bool limited = mode == Mode::Stall || mode == Mode::Reset || mode == Mode::Cut;
    const std::size_t left = limited ? connection.bytes - connection.sent : size;
    const std::size_t now = std::min(size, left);
    if (now > 0) {
        const ssize_t sent = send(connection.fd, data, now, MSG_NOSIGNAL);
        if (sent < 0)
            return -1;
        connection.sent += static_cast<std::size_t>(sent);
    }
    if (now == size)
        return static_cast<ssize_t>(now);
    if (mode == Mode::Stall) {
        say("stalled");
        wait_for_the_end(connection.fd);
    }
    if (mode == Mode::Reset) {
        const linger reset{.l_onoff = 1, .l_linger = 0};
        (void)setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    errno = ECONNRESET;
    return -1;
}

ssize_t pull(gnutls_transport_ptr_t pointer, void* data, std::size_t size) {
    return recv(static_cast<Connection*>(pointer)->fd, data, size, 0);
}

bool read_line(int fd) {
    std::string line;
    char c = 0;
    while (!line.ends_with('\n')) {
        if (read(fd, &c, 1) != 1)
            return false;
        line += c;
    }
    say(line == "1\r\n" ? "line 1" : "another line");
    return true;
}

void send_text(int fd, std::string_view text) {
    (void)send(fd, text.data(), text.size(), MSG_NOSIGNAL);
}

void send_endlessly(gnutls_session_t session) {
    const std::string block(16384, 'x');
    while (gnutls_record_send(session, block.data(), block.size()) > 0)
        continue;
}

bool send_message(gnutls_session_t session, std::string_view message, std::size_t piece) {
    while (!message.empty()) {
        const ssize_t sent = gnutls_record_send(session, message.data(), std::min(piece, message.size()));
        if (sent < 0)
            return false;
        message.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void serve_tls(Connection& connection, gnutls_session_t session) {
    const Script& script = *connection.script;
    int code = 0;
    do
        code = gnutls_handshake(session);
    while (code < 0 && gnutls_error_is_fatal(code) == 0);
    if (code < 0) {
        say("handshake failed");
        return;
    }
    say("handshake done");
    if (script.mode == Mode::Endless) {
        send_endlessly(session);
        say("gone");
        return;
    }
    const std::size_t piece = script.mode == Mode::Drip ? 1 : 16384;
    if (script.mode != Mode::Empty && !send_message(session, script.message, piece))
        return;
    say("sent");
    if (script.mode == Mode::ForgetsBye)
        return;
    if (gnutls_bye(session, GNUTLS_SHUT_RDWR) == 0)
        say("bye");
}

void serve(const Script& script, int fd, std::size_t bytes) {
    say("connected");
    Connection connection{.script = &script, .fd = fd, .bytes = bytes};
    if (script.mode == Mode::Silent) {
        wait_for_the_end(fd);
    } else if (script.mode == Mode::Http) {
        send_text(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
        wait_for_the_end(fd);
    } else if (read_line(fd)) {
        if (script.mode == Mode::NotTls) {
            send_text(fd, std::string(4096, '?'));
            wait_for_the_end(fd);
        } else if (script.mode != Mode::HangsUp) {
            gnutls_session_t session = nullptr;
            gnutls_certificate_credentials_t credentials = nullptr;
            gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_ENABLE_RAWPK | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL);
            gnutls_certificate_allocate_credentials(&credentials);
            const char* priority = script.mode == Mode::Tls12  ? "NORMAL:-VERS-ALL:+VERS-TLS1.2"
                                   : script.mode == Mode::X509 ? "NORMAL"
                                                               : mandos_priority;
            gnutls_priority_set_direct(session, priority, nullptr);
            gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
            gnutls_transport_set_ptr(session, &connection);
            gnutls_transport_set_push_function(session, push);
            gnutls_transport_set_pull_function(session, pull);
            serve_tls(connection, session);
            gnutls_deinit(session);
            gnutls_certificate_free_credentials(credentials);
        }
    }
    close(fd);
}

Script read_options(int argc, char** argv) {
    const std::vector<option> known = {
        {"fd", required_argument, nullptr, 'f'},      {"mode", required_argument, nullptr, 'm'},
        {"message", required_argument, nullptr, 'M'}, {"bytes", required_argument, nullptr, 'b'},
        {"step", required_argument, nullptr, 's'},    {nullptr, 0, nullptr, 0}};
    Script script;
    for (;;) {
        const int letter = getopt_long(argc, argv, "", known.data(),
                                       nullptr); // NOLINT(concurrency-mt-unsafe): no thread yet
        if (letter == -1)
            break;
        if (letter == 'f') {
            script.listener = std::stoi(optarg);
        } else if (letter == 'b') {
            script.bytes = std::stoul(optarg);
        } else if (letter == 's') {
            script.step = std::stoul(optarg);
        } else if (letter == 'm' && modes.contains(optarg)) {
            script.mode = modes.at(optarg);
        } else if (letter == 'M') {
            std::ifstream file(optarg, std::ios::binary);
            script.message.assign(std::istreambuf_iterator<char>(file), {});
            if (!file)
                die(optarg);
        } else {
            std::_Exit(64);
        }
    }
    return script;
}

} // namespace

int main(int argc, char** argv) {
    (void)signal(SIGPIPE, SIG_IGN);
    const Script script = read_options(argc, argv);
    for (std::size_t bytes = script.bytes;; bytes += script.step) {
        const int fd = accept4(script.listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0)
            die("accept");
        std::thread(serve, std::cref(script), fd, bytes).detach();
    }
}
