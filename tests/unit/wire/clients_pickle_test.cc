#include "wire/clients_pickle.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/error.h"
#include "core/limits.h"

namespace {

using mandos::as_bytes;
using mandos::as_text;
using mandos::ErrorKind;
using mandos::wire::parse_clients_pickle;
using namespace std::string_literals;
using namespace std::chrono_literals;

std::string bytes(std::string_view content) {
    const std::size_t size = content.size();
    return "T"s + static_cast<char>(size % 256) + static_cast<char>(size / 256) + "\0\0"s
           + std::string(content);
}

std::string text(std::string_view content) {
    return "X" + bytes(content).substr(1);
}

std::string span(int days, int seconds, int microseconds = 0) {
    return "cdatetime\ntimedelta\n(I" + std::to_string(days) + "\nI" + std::to_string(seconds) + "\nI"
           + std::to_string(microseconds) + "\ntR";
}

const std::string new_year_2026 = "cdatetime\ndatetime\nU\x0a\x07\xea\1\1\0\0\0\0\0\1\x85R"s;
const std::string none = "N";
const std::string yes = "\x88";
const std::string no = "\x89";
const std::string key_id(64, 'A');

// A dictionary, written: keys as they are, values as instructions.
using Written = std::map<std::string, std::string>;

std::string dictionary(const Written& items, std::string (*key)(std::string_view) = text) {
    std::string written = "}(";
    for (const auto& [name, value] : items)
        written += key(name) + value;
    return written + "u";
}

Written settings_fields() {
    return {{"host", text("host.example")},
            {"checker_command", text("fping -q -- %(host)s")},
            {"key_id", text(key_id)},
            {"fingerprint", text("F1")},
            {"enabled", yes},
            {"approved_by_default", no},
            {"timeout", span(0, 300)},
            {"extended_timeout", span(0, 900)},
            {"interval", span(0, 120)},
            {"approval_delay", span(0, 0)},
            {"approval_duration", span(0, 1, 500'999)}};
}

Written client_fields() {
    Written fields = settings_fields();
    fields["name"] = text("db1");
    fields["created"] = new_year_2026;
    fields["last_enabled"] = new_year_2026;
    fields["expires"] = none;
    fields["last_checked_ok"] = none;
    fields["last_approval_request"] = none;
    fields["last_checker_status"] = "I-2\n";
    fields["encrypted_secret"] = bytes("\x8c\x0d");
    return fields;
}

std::string state(const Written& clients, const Written& settings) {
    return "\x80\x02" + dictionary(clients) + dictionary(settings) + "\x86.";
}

std::string state_of(const Written& client) {
    return state({{"db1", dictionary(client)}}, {{"db1", dictionary(settings_fields())}});
}

std::string refusal(std::string_view pickle) {
    const auto read = parse_clients_pickle(as_bytes(pickle));
    return read ? "" : read.error().text();
}

// What is wrong when FIELD of the one client is VALUE, or is missing.
std::string refusal_with(const std::string& field, const std::optional<std::string>& value) {
    Written fields = client_fields();
    if (value)
        fields[field] = *value;
    else
        fields.erase(field);
    return refusal(state_of(fields));
}

} // namespace

TEST(ClientsPickle, RefusesOneWrongFieldAndNamesIt) {
    EXPECT_EQ(refusal_with("timeout", text("5m")),
              R"(client "db1": field timeout is a text; expected a time span)");
    EXPECT_EQ(refusal_with("timeout", none), R"(client "db1": field timeout is None; expected a time span)");
    EXPECT_EQ(refusal_with("timeout", std::nullopt), R"(client "db1": field timeout is missing)");
    EXPECT_EQ(refusal_with("enabled", "K\1"),
              R"(client "db1": field enabled is a number; expected a boolean)");
    EXPECT_EQ(refusal_with("host", none), R"(client "db1": field host is None; expected text)");
    EXPECT_EQ(refusal_with("host", bytes("\xff")), R"(client "db1": field host is bytes; expected text)");
    EXPECT_EQ(refusal_with("created", "K\1"),
              R"(client "db1": field created is a number; expected a time or None)");
    EXPECT_EQ(refusal_with("last_checker_status", yes),
              R"(client "db1": field last_checker_status is a boolean; expected a number or None)");
    EXPECT_EQ(refusal_with("encrypted_secret", text("x")),
              R"(client "db1": field encrypted_secret is a text; expected bytes)");
    EXPECT_EQ(refusal_with("name", text("db2")), R"(client "db1": field name is "db2")");
    EXPECT_EQ(refusal_with("key_id", text("12\n")),
              R"(client "db1": field key_id: "12\n": 2 hexadecimal digits, expected 64)");
    for (const auto& [field, value] : client_fields()) {
        EXPECT_NE(refusal_with(field, "]"), "") << field;
        EXPECT_EQ(refusal_with(field, std::nullopt).empty(), field == "key_id" || field == "fingerprint")
            << field;
    }
}

TEST(ClientsPickle, RefusesWrongSettings) {
    Written fields = settings_fields();
    fields["interval"] = "K\1";
    EXPECT_EQ(refusal(state({}, {{"db\n1", dictionary(fields)}})),
              R"(settings of client "db\n1": field interval is a number; expected a time span)");
}

TEST(ClientsPickle, RefusesAnotherShape) {
    EXPECT_EQ(refusal("N."), "no tuple of clients and settings, but None");
    EXPECT_EQ(refusal("N\x85."), "no tuple of clients and settings, but a tuple");
    EXPECT_EQ(refusal("NN\x86."), "None in place of the clients");
    EXPECT_EQ(refusal("}N\x86."), "None in place of the settings");
    EXPECT_EQ(refusal("}NNs}\x86."), "None in place of the name of a client");
    EXPECT_EQ(refusal(state({{"c", none}}, {})), R"(client "c": None in place of a dictionary of fields)");
    EXPECT_EQ(refusal("}X\1\0\0\0c}NNss}\x86."s), R"(client "c": None in place of a field's name)");
}

TEST(ClientsPickle, RefusesWhatIsThereTwice) {
    const std::string client = dictionary(client_fields());
    const std::string settings = dictionary({{"db1", dictionary(settings_fields())}});
    // Python takes bytes and text for different keys.
    EXPECT_EQ(refusal("}(" + text("db1") + client + bytes("db1") + client + "u" + settings + "\x86."),
              R"(client "db1": there twice)");
    std::string twice = client;
    twice.insert(twice.size() - 1, bytes("host") + text("h"));
    EXPECT_EQ(refusal(state({{"db1", twice}}, {})), R"(client "db1": field "host" is there twice)");
}

TEST(ClientsPickle, RefusesAClientWithoutSettings) {
    EXPECT_EQ(refusal(state({{"db1", dictionary(client_fields())}}, {})),
              R"(client "db1": there are no settings of it)");
}

TEST(ClientsPickle, RefusesWhatIsCutShortAnywhere) {
    const std::string whole = state_of(client_fields());
    ASSERT_EQ(refusal(whole), "");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
}

TEST(ClientsPickle, RefusesASecretThatIsReferredToTooOften) {
    const std::string mebibyte = "T\0\0\x10\0"s + std::string(1 << 20, 'x');
    Written fields = client_fields();
    std::string clients = "}(";
    for (int i = 0; i < 300; ++i) {
        const std::string name = "c" + std::to_string(i);
        fields["name"] = text(name);
        fields["encrypted_secret"] = i == 0 ? mebibyte + "q\1" : "h\1";
        clients += text(name) + dictionary(fields);
    }
    const auto read = parse_clients_pickle(as_bytes(clients + "u}\x86."));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind(), ErrorKind::Exhausted);
    EXPECT_EQ(read.error().text(), R"(client "c255": more than 268435456 bytes of text in all)");
}

TEST(ClientsPickle, ReadsAClient) {
    const auto read = parse_clients_pickle(as_bytes(state_of(client_fields())));
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->clients.size(), 1U);
    const auto& client = read->clients.front();
    EXPECT_EQ(client.name, "db1");
    EXPECT_EQ(client.values.key_id->text(), key_id);
    EXPECT_EQ(client.values.fingerprint, "F1");
    EXPECT_EQ(client.values.host, "host.example");
    EXPECT_EQ(client.values.checker_command, "fping -q -- %(host)s");
    EXPECT_TRUE(client.values.enabled);
    EXPECT_FALSE(client.values.approved_by_default);
    EXPECT_EQ(client.values.timeout, 5min);
    EXPECT_EQ(client.values.extended_timeout, 15min);
    EXPECT_EQ(client.values.interval, 2min);
    EXPECT_EQ(client.values.approval_delay, 0s);
    EXPECT_EQ(client.values.approval_duration, 1500ms);
    using namespace std::chrono;
    const mandos::wire::ImportedTime moment = sys_days(2026y / 1 / 1) + 1us;
    EXPECT_EQ(client.created, moment);
    EXPECT_EQ(client.last_enabled, moment);
    EXPECT_FALSE(client.expires);
    EXPECT_FALSE(client.last_checked_ok);
    EXPECT_FALSE(client.last_approval_request);
    EXPECT_EQ(client.last_checker_status, -2);
    EXPECT_EQ(as_text(client.encrypted_secret), "\x8c\x0d");
    ASSERT_EQ(read->settings.size(), 1U);
    EXPECT_EQ(read->settings.front().name, "db1");
    EXPECT_EQ(read->settings.front().values.timeout, 5min);
    EXPECT_FALSE(read->settings.front().removed);
}

TEST(ClientsPickle, SpansAreHeldToWhatTheConfigurationMayHave) {
    Written fields = client_fields();
    fields["timeout"] = span(-1, 0);
    fields["interval"] = span(999'999'999, 0);
    const auto read = parse_clients_pickle(as_bytes(state_of(fields)));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->clients.front().values.timeout, 0s);
    EXPECT_EQ(read->clients.front().values.interval, mandos::core::limits::time_span);
    fields["interval"] = span(0, 0, 999'999);
    EXPECT_EQ(parse_clients_pickle(as_bytes(state_of(fields)))->clients.front().values.interval, 1s);
}

TEST(ClientsPickle, ReadsWhatPython2Wrote) {
    Written fields;
    for (const auto& [name, value] : client_fields())
        fields[name] = value.starts_with('X') ? "T" + value.substr(1) : value;
    fields["last_checker_status"] = "\x8a\1\xfe";
    const std::string pickle = "\x80\x02" + dictionary({{"db1", dictionary(fields, bytes)}}, bytes)
                               + dictionary({{"db1", dictionary(settings_fields(), bytes)}}, bytes) + "\x86.";
    const auto read = parse_clients_pickle(as_bytes(pickle));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->clients.front().values.host, "host.example");
    EXPECT_EQ(read->clients.front().last_checker_status, -2);
}

TEST(ClientsPickle, AClientFromBefore18HasNoKeyId) {
    Written fields = client_fields();
    fields.erase("key_id");
    fields["fingerprint"] = text("");
    const auto read = parse_clients_pickle(as_bytes(state_of(fields)));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_FALSE(read->clients.front().values.key_id);
    fields["key_id"] = text("");
    EXPECT_FALSE(parse_clients_pickle(as_bytes(state_of(fields)))->clients.front().values.key_id);
}

TEST(ClientsPickle, AClientThatWasRemovedHasSettingsAlone) {
    Written settings;
    for (const char* name : {"db1", "db2"})
        settings[name] = dictionary(settings_fields());
    const auto read = parse_clients_pickle(as_bytes(state({{"db1", dictionary(client_fields())}}, settings)));
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->settings.size(), 2U);
    EXPECT_FALSE(read->settings.front().removed);
    EXPECT_TRUE(read->settings.back().removed);
}

TEST(ClientsPickle, OtherFieldsDoNotMatter) {
    Written fields = client_fields();
    fields["approved"] = "cdbus\nBoolean\nK\1\x85\x81";
    fields["client_structure"] = "]q\0h\0a"s; // contains itself
    fields["approvals_pending"] = "}";
    EXPECT_EQ(refusal(state_of(fields)), "");
}

TEST(ClientsPickle, NoClientsAreAStateToo) {
    const auto read = parse_clients_pickle(as_bytes("\x80\x02}}\x86."));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->clients.empty());
    EXPECT_TRUE(read->settings.empty());
}
