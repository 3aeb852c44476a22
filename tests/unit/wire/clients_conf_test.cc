#include "wire/clients_conf.h"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "core/client.h"
#include "core/limits.h"
#include "core/time.h"
#include "wire/client_section.h"
#include "wire/finding.h"

using namespace mandos::wire; // NOLINT(google-build-using-namespace): it is what is tested
using mandos::as_text;
using mandos::core::ClientSettings;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view key =
    "key_id = a63b0d1a3daf451cc13d4b3699482028ae5d9c21f25730ee0af011ab43fc6e63\n";
constexpr std::string_view key_and_secret =
    "key_id = a63b0d1a3daf451cc13d4b3699482028ae5d9c21f25730ee0af011ab43fc6e63\nsecret = aHVudGVyMg==\n";

ClientsConfParsed parse(std::string_view text) {
    return parse_clients_conf(text, "c");
}

// What is said about a client with OPTIONS; "" where there is nothing.
std::string said(std::string_view options) {
    const ClientsConfParsed parsed = parse("[db1]\n" + std::string(options));
    std::string text;
    for (const Finding& finding : parsed.findings)
        text += (text.empty() ? "" : "\n") + finding.describe();
    EXPECT_EQ(has_errors(parsed.findings), parsed.sections.empty()) << text;
    return text;
}

std::string with_secret(std::string_view options) {
    return said(std::string(key_and_secret) + std::string(options));
}

ClientSettings settings(std::string_view text) {
    const ClientsConfParsed parsed = parse(text);
    EXPECT_TRUE(parsed.findings.empty()) << parsed.findings.front().describe();
    return parsed.sections.at(0).settings;
}

} // namespace

TEST(ClientsConf, NamesEachWrongValueAndItsPlace) {
    EXPECT_EQ(
        with_secret("timeout = 5x\n"),
        R"(c:4: section "db1", option timeout: "5x" is no time span; expected one like "PT5M" or "P1DT2H0M30S" (RFC 3339), or "5m 30s" with the units s, m, h, d and w)");
    EXPECT_EQ(
        with_secret("enabled = perhaps\n"),
        R"(c:4: section "db1", option enabled: "perhaps" is neither yes nor no; expected 1, yes, true or on, or 0, no, false or off)");
    EXPECT_EQ(
        said("secret = aHVudGVyMg==\nkey_id = abcd\n"),
        R"(c:3: section "db1", option key_id: "abcd" is no key ID: 4 hexadecimal digits, expected 64; expected what `mandos-keygen --password` prints)");
    EXPECT_EQ(with_secret("checker = ping 100%\n"),
              R"(c:4: section "db1", option checker: a lone % in "%"; write %% for a percent sign)");
    EXPECT_EQ(
        with_secret("checker = %(checker)s\n"),
        R"(c:4: section "db1", option checker: the references are more than 10 deep; do they lead back to themselves?)");
    EXPECT_EQ(
        with_secret("my_own = %(nobody)s\n"),
        R"(c:4: section "db1", option my_own: "%(nobody)s" names an option that is neither in this section nor in [DEFAULT])");
}

TEST(ClientsConf, NeedsASecret) {
    EXPECT_EQ(
        said(key),
        R"(c:1: section "db1", option secret: the client has neither a secret nor a secfile; expected what `mandos-keygen --password` prints)");
}

TEST(ClientsConf, NeverShowsASecret) {
    const std::string text = said(std::string(key) + "secret = MARKERMARKERMARKERMARKERx\n");
    EXPECT_EQ(
        text,
        R"(c:3: section "db1", option secret: 25 base64 characters, one more than a multiple of 4: something is missing; expected base64, as `mandos-keygen --password` prints it)");
}

TEST(ClientsConf, NeverShowsASecretInWhatIsWrongAround) {
    for (const std::string_view text : {
             "[a]\nsecret = MARKER%MARKER\n",                         // a password in place of base64
             "[a]\nsecret = MARKER%(MARKER)s\n",                      // the same
             "[a]\nsecret = MARKER%MARKER\nhost = %(secret)s\n",      // from another option
             "[a]\nsecret = MARKER\ntimeout = %(secret)s\n",          // as another option
             "[a]\nsecret = MARKER\nkey_id = %(secret)s\n",           //
             "[a]\nsecret = MARKER\nenabled = %(b)s\nb=%(secret)s\n", //
             "[a]\nsecret =\n  QUJD\nMARKER\nMARKER\n",               // not indented
             "secret =\n  MARKER\n",                                  // without a section
             "host = x\nMARKER\nsecret = MARKER\nMARKER\n",           //
             "[DEFAULT]\nsecret = MARKER%MARKER\n[a]\nhost = b\n",    //
         }) {
        const ClientsConfParsed parsed = parse(text);
        EXPECT_TRUE(has_errors(parsed.findings)) << text;
        for (const Finding& finding : parsed.findings)
            EXPECT_EQ(finding.describe().find("MARKER"), std::string::npos) << finding.describe();
    }
}

TEST(ClientsConf, RefusesWhatIsWrongInItsDefaultSectionOnce) {
    const auto said_of = [](std::string_view defaults) {
        std::string text;
        for (const Finding& finding :
             parse("[DEFAULT]\n" + std::string(defaults) + "[a]\n" + std::string(key_and_secret)
                   + "[b]\nsecret=QQ==\nkey_id=\nopenpgp_keyfile=/b\nmine=x\n")
                 .findings)
            text += finding.describe() + "\n";
        return text;
    };
    EXPECT_EQ(said_of("enabled = perhaps\n"),
              "c:2: section \"DEFAULT\", option enabled: \"perhaps\" is neither yes nor no; expected 1, yes, "
              "true or on, or 0, no, false or off\n");
    EXPECT_EQ(said_of("interval = PT0S\n"), "c:2: warning: section \"DEFAULT\", option interval: checking "
                                            "without a pause is no use; PT1S is taken instead\n");
    // Also where nobody reads it, as in 1.8.
    EXPECT_EQ(said_of("other = 100%\n"),
              "c:2: section \"DEFAULT\", option other: a lone % in \"%\"; write %% for a percent sign\n");
    // What depends on the section names it.
    EXPECT_EQ(said_of("other = %(mine)s\n"),
              "c:2: section \"DEFAULT\", option other: \"%(mine)s\" names an option that is neither in this "
              "section nor in [DEFAULT] (as section \"a\" has it)\n");
    EXPECT_EQ(
        said_of("enabled = %(mine)s\n[x]\nsecret=QQ==\nkey_id=\nopenpgp_key=k\nmine=y\n"),
        "c:2: section \"DEFAULT\", option enabled: \"y\" is neither yes nor no; expected 1, yes, true or "
        "on, or 0, no, false or off (as section \"x\" has it)\n"
        "c:2: section \"DEFAULT\", option enabled: \"%(mine)s\" names an option that is neither in this "
        "section nor in [DEFAULT] (as section \"a\" has it)\n"
        "c:2: section \"DEFAULT\", option enabled: \"x\" is neither yes nor no; expected 1, yes, true or "
        "on, or 0, no, false or off (as section \"b\" has it)\n");
}

TEST(ClientsConf, TakesNoTimeThatTheClockCannotCount) {
    const ClientsConfParsed parsed =
        parse("[a]\n" + std::string(key_and_secret) + "approval_delay = P1000Y\n");
    ASSERT_EQ(parsed.findings.size(), 1U);
    EXPECT_EQ(
        parsed.findings[0].describe(),
        R"(c:4: warning: section "a", option approval_delay: "P1000Y" is longer than 100 years, which are taken instead)");
    EXPECT_EQ(parsed.sections.at(0).settings.approval_delay, mandos::core::limits::time_span);
    // Else what is to be waited for for ever would have been over long ago.
    const mandos::core::Time now{std::chrono::days(3650)};
    EXPECT_GT(now + parsed.sections[0].settings.approval_delay, now);
}

TEST(ClientsConf, RefusesASecretThatNoClientWouldTake) {
    const std::string large(mandos::core::limits::secret / 3 * 4 + 8, 'A');
    EXPECT_NE(said(std::string(key) + "secret = " + large + "\n")
                  .find("expected at most 1048576, which is what clients take"),
              std::string::npos);
}

TEST(ClientsConf, FindsEverythingThatIsWrongAtOnce) {
    const ClientsConfParsed parsed = parse(
        "[a]\ntimeout = x\ninterval = y\nsecret = QQ\n[b]\nenabled = z\n[c]\n" + std::string(key_and_secret));
    EXPECT_EQ(parsed.findings.size(),
              7U); // three values and no key ID in a; one value, no key ID and no secret in b
    ASSERT_EQ(parsed.sections.size(), 1U);
    EXPECT_EQ(parsed.sections[0].settings.name, "c");
}

TEST(ClientsConf, ToleratesWhatMandos18Tolerates) {
    EXPECT_EQ(said(std::string(key) + "secret =\n"),
              R"(c:3: warning: section "db1", option secret: it is empty: this client gets nothing)");
    EXPECT_EQ(
        said(std::string(key) + "secret = aHVu-dGVy*Mg==\n"),
        R"(c:3: warning: section "db1", option secret: there are characters in it that do not belong into base64; they are skipped)");
    EXPECT_EQ(
        said("secret = aHVudGVyMg==\n"),
        R"(c:1: warning: section "db1", option key_id: the client has no key ID: it gets nothing. Expected what `mandos-keygen --password` prints)");
    EXPECT_NE(
        said("key_id = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nsecret = QQ==\n")
            .find("warning: section \"db1\", option key_id: this is the key ID of no key at all"),
        std::string::npos);
    EXPECT_EQ(
        with_secret("timeout = -5m\n"),
        R"(c:4: warning: section "db1", option timeout: "-5m" is less than nothing, and taken as PT0S)");
    EXPECT_EQ(
        with_secret("interval = PT0S\n"),
        R"(c:4: warning: section "db1", option interval: checking without a pause is no use; PT1S is taken instead)");
    EXPECT_EQ(
        with_secret("fingerprint = xyz\n"),
        R"(c:4: warning: section "db1", option fingerprint: "xyz" is no fingerprint: character "x" at position 1 is not a hexadecimal digit; it is ignored)");
}

TEST(ClientsConf, WarnsOfTwoClientsWithOneKey) {
    const ClientsConfParsed parsed =
        parse("[a]\n" + std::string(key_and_secret) + "[b]\n" + std::string(key_and_secret));
    ASSERT_EQ(parsed.findings.size(), 1U);
    EXPECT_EQ(
        parsed.findings[0].describe(),
        R"(c:4: warning: section "b", option key_id: section "a" (line 1) has the same: neither of them gets anything)");
    EXPECT_EQ(parsed.sections.size(), 2U);
}

TEST(ClientsConf, HasTheDefaultsOfMandos18) {
    const ClientSettings client = settings("[db1]\n" + std::string(key_and_secret));
    EXPECT_EQ(client.checker, "fping -q -- %(host)s");
    EXPECT_EQ(client.timeout, 5min);
    EXPECT_EQ(client.extended_timeout, 15min);
    EXPECT_EQ(client.interval, 2min);
    EXPECT_EQ(client.approval_delay, 0s);
    EXPECT_EQ(client.approval_duration, 1s);
    EXPECT_TRUE(client.approved_by_default);
    EXPECT_TRUE(client.enabled);
    EXPECT_EQ(client.host, "");
    EXPECT_EQ(client.fingerprint, "");
    EXPECT_EQ(as_text(*client.secret), "hunter2");
}

TEST(ClientsConf, ReadsEverything) {
    const ClientSettings client =
        settings("[Söme Näme]\n" + std::string(key)
                 + "secret = aHVu\n    dGVyMg==\nfingerprint = 0123 4567 89ab cdef\n"
                   "host = db1.example\nchecker = ping %%(host)s from %(here)s\nhere = home\n"
                   "timeout = PT1H\nextended_timeout = 1d 1h\ninterval = PT30S\n"
                   "approval_delay = 30s\napproval_duration = PT1M\n"
                   "approved_by_default = No\nenabled = oFf\n");
    EXPECT_EQ(client.name, "Söme Näme");
    EXPECT_EQ(client.key_id->text(), "A63B0D1A3DAF451CC13D4B3699482028AE5D9C21F25730EE0AF011AB43FC6E63");
    EXPECT_EQ(client.fingerprint, "0123456789ABCDEF");
    EXPECT_EQ(client.host, "db1.example");
    EXPECT_EQ(client.checker, "ping %(host)s from home");
    EXPECT_EQ(client.timeout, 1h);
    EXPECT_EQ(client.extended_timeout, 25h);
    EXPECT_EQ(client.interval, 30s);
    EXPECT_EQ(client.approval_delay, 30s);
    EXPECT_EQ(client.approval_duration, 1min);
    EXPECT_FALSE(client.approved_by_default);
    EXPECT_FALSE(client.enabled);
    EXPECT_EQ(as_text(*client.secret), "hunter2");
}

TEST(ClientsConf, TakesDefaultsFromItsDefaultSection) {
    const ClientsConfParsed parsed =
        parse("[DEFAULT]\ntimeout = PT9M\nhost = %(name)s.example\nname = x\n[a]\nname = a\n"
              + std::string(key_and_secret) + "[b]\ntimeout = PT1M\nsecret = QQ==\n");
    EXPECT_EQ(parsed.sections.at(0).settings.timeout, 9min);
    EXPECT_EQ(parsed.sections.at(0).settings.host, "a.example");
    EXPECT_EQ(parsed.sections.at(1).settings.timeout, 1min);
    EXPECT_EQ(parsed.sections.at(1).settings.host, "x.example");
}

TEST(ClientsConf, NamesTheFilesThatAreToBeRead) {
    const ClientsConfParsed parsed =
        parse("[a]\n" + std::string(key) + "secfile = ~/secret\n[b]\n" + std::string(key_and_secret)
              + "secfile = /unused\nopenpgp_keyfile = /k\n");
    EXPECT_EQ(std::get<NamedFile>(parsed.sections.at(0).secret_file).path, "~/secret");
    EXPECT_EQ(std::get<NamedFile>(parsed.sections.at(0).secret_file).line, 3U);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(
        parsed.sections.at(1).secret_file)); // the secret goes before it
    EXPECT_EQ(std::get<NamedFile>(parsed.sections.at(1).openpgp_key).path, "/k");
}

TEST(ClientsConf, KeepsTheEmptyLineOfAnArmouredKey) {
    const ClientsConfParsed parsed =
        parse("[a]\nsecret = QQ==\nopenpgp_key =\n    -----BEGIN PGP PUBLIC KEY BLOCK-----\n"
              "    Comment: x\n\n    mDMEZ\n    =abcd\n    -----END PGP PUBLIC KEY BLOCK-----\n");
    ASSERT_TRUE(parsed.findings.empty()) << parsed.findings.front().describe();
    EXPECT_EQ(std::get<InlineText>(parsed.sections.at(0).openpgp_key).text,
              "\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\nmDMEZ\n=abcd\n-----END PGP PUBLIC KEY "
              "BLOCK-----");
}

TEST(ClientsConf, ReadsWhatKeygenPrints) {
    const std::string text = write_client_section(
        {.name = "client.example",
         .key_id = "a63b0d1a3daf451cc13d4b3699482028ae5d9c21f25730ee0af011ab43fc6e63",
         .fingerprint = "ECEC8376160A4E64C6CE9483C1FC3805D1EA330F",
         .secret = mandos::to_bytes("an OpenPGP message that is longer than one line of base64 has room for"),
         .ssh_key = ClientSectionText::SshKey{.scan_type = "ed25519", .fingerprint = "ssh-ed25519 AAAAC3"}});
    const ClientSettings client = settings(text);
    EXPECT_EQ(client.name, "client.example");
    EXPECT_EQ(client.host, "client.example");
    EXPECT_EQ(client.fingerprint, "ECEC8376160A4E64C6CE9483C1FC3805D1EA330F");
    EXPECT_EQ(as_text(*client.secret),
              "an OpenPGP message that is longer than one line of base64 has room for");
    EXPECT_EQ(client.checker,
              "ssh-keyscan -t ed25519 %(host)s 2>/dev/null | grep --fixed-strings --line-regexp --quiet "
              "--regexp=%(host)s\" ssh-ed25519 AAAAC3\"");
}
