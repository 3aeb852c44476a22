#include "programs/mandos-keygen/create.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <strings.h>
#include <sys/stat.h>

#include "adapters/openpgp/generate.h"
#include "adapters/tls/generate.h"
#include "adapters/tls/tls.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/quote.h"
#include "base/say.h"
#include "core/key_id.h"
#include "programs/mandos-keygen/key_set.h"
#include "programs/mandos-keygen/options.h"

namespace mandos::keygen {

namespace {

enum class Use { Sign, Encrypt };

struct TypeName {
    const char* given; // as gpg's batch files have it: a name, or OpenPGP's number (RFC 9580 §9.1)
    const char* algorithm;
};
constexpr std::array<TypeName, 16> type_names{{{"RSA", "RSA"},
                                               {"1", "RSA"},
                                               {"RSA-E", "RSA"},
                                               {"RSA-S", "RSA"},
                                               {"DSA", "DSA"},
                                               {"17", "DSA"},
                                               {"ELG-E", "ELGAMAL"},
                                               {"ELG", "ELGAMAL"},
                                               {"ELGAMAL", "ELGAMAL"},
                                               {"16", "ELGAMAL"},
                                               {"ECDH", "ECDH"},
                                               {"18", "ECDH"},
                                               {"ECDSA", "ECDSA"},
                                               {"19", "ECDSA"},
                                               {"EDDSA", "EDDSA"},
                                               {"22", "EDDSA"}}};

// The NIST curve for a key of LENGTH bits.
std::string nist_curve(std::optional<unsigned> length) {
    constexpr unsigned p256 = 256;
    constexpr unsigned p384 = 384;
    if (length.value_or(p256) <= p256)
        return "NIST P-256";
    return *length <= p384 ? "NIST P-384" : "NIST P-521";
}

bool can(std::string_view algorithm, Use use) {
    if (algorithm == "RSA")
        return true;
    const bool encrypts = algorithm == "ELGAMAL" || algorithm == "ECDH";
    return encrypts == (use == Use::Encrypt);
}

// What 1.8 means by a type and a length; RSA and 4096 where they are not given.
Result<openpgp::KeyType> key_type(const std::optional<std::string>& given, std::optional<unsigned> length,
                                  Use use) {
    constexpr unsigned default_length = 4096;
    constexpr unsigned longest_dsa = 3072; // FIPS 186-4 §4.2
    const std::string name = given.value_or("RSA");
    const auto found = std::ranges::find_if(
        type_names, [&name](const TypeName& t) { return strcasecmp(t.given, name.c_str()) == 0; });
    if (found == type_names.end() || !can(found->algorithm, use))
        return fail(ErrorKind::Invalid, "{} is no type of OpenPGP key that can {}; expected {}", quoted(name),
                    use == Use::Sign ? "sign" : "encrypt",
                    use == Use::Sign ? "RSA, DSA, ECDSA or EDDSA" : "RSA, ELG-E or ECDH");
    openpgp::KeyType type{.algorithm = found->algorithm};
    if (type.algorithm == "RSA" || type.algorithm == "ELGAMAL")
        type.bits = length.value_or(default_length);
    else if (type.algorithm == "DSA")
        type.bits = length.value_or(longest_dsa);
    else if (type.algorithm == "ECDSA")
        type.curve = nist_curve(length);
    else if (type.algorithm == "ECDH")
        type.curve = length ? nist_curve(length) : "Curve25519";
    return type;
}

// "NAME (COMMENT) <EMAIL>", without what is empty.
std::string user_id(const Options& options) {
    std::string id = options.name;
    if (!options.comment.empty())
        id += fmt::format(" ({})", options.comment);
    if (!options.email.empty())
        id += fmt::format(" <{}>", options.email);
    return id;
}

Result<openpgp::KeyRequest> key_request(const Options& options) {
    openpgp::KeyRequest request{.user_id = user_id(options),
                                .comment = "Mandos client key for " + user_id(options),
                                .expires_after = options.expires_after};
    // It is also in a line of the armour.
    const auto is_control = [](unsigned char character) { return character < ' ' || character == '\x7f'; };
    if (!is_utf8(request.user_id) || std::ranges::any_of(request.user_id, is_control))
        return fail(
            ErrorKind::Invalid,
            "name, comment and email must be UTF-8 without line breaks or other control characters: {}",
            quoted(request.user_id));
    if (options.is_like_1_8()) {
        request.primary = MANDOS_TRY_IN("option --type", key_type(options.type, options.length, Use::Sign));
        request.encryption_subkey =
            MANDOS_TRY_IN("option --subtype", key_type(options.subtype, options.sublength, Use::Encrypt));
    }
    if (options.is_like_1_8() || strcasecmp(options.tls_key_type.c_str(), "ed25519") != 0)
        request.tls_key = openpgp::KeyRequest::TlsKey::None;
    return request;
}

Result<void> check_directory(const std::string& directory) {
    struct stat status{};
    if (stat(directory.c_str(), &status) != 0)
        return fail_errno(errno, "directory {} cannot be used; make it first, or give --dir",
                          quoted(directory));
    if (!S_ISDIR(status.st_mode))
        return fail(ErrorKind::Invalid, "{} is no directory; give --dir", quoted(directory));
    return {};
}

} // namespace

Result<void> create_keys(const Options& options) {
    const IfThere if_there = options.force ? IfThere::Replace : IfThere::Refuse;
    const openpgp::KeyRequest request = MANDOS_TRY(key_request(options));
    MANDOS_TRY(check_directory(options.directory));
    if (if_there == IfThere::Refuse)
        MANDOS_TRY(refuse_existing(options.directory)); // before minutes are spent on making new ones

    KeySet keys;
    // Before the other key, which may take minutes: the type may be wrong.
    if (request.tls_key == openpgp::KeyRequest::TlsKey::None) {
        tls::KeyPair pair =
            MANDOS_TRY_IN("option --tls-keytype", tls::generate_key_pair(options.tls_key_type));
        keys.tls_private = std::move(pair.private_key_pem);
        keys.tls_public = std::move(pair.public_key_pem);
    }
    openpgp::GeneratedKey openpgp_key = MANDOS_TRY(openpgp::generate_key(request));
    keys.openpgp_secret = std::move(openpgp_key.secret_key);
    keys.openpgp_public = std::move(openpgp_key.public_key);
    if (openpgp_key.tls) {
        keys.tls_private = std::move(openpgp_key.tls->private_key);
        keys.tls_public = std::move(openpgp_key.tls->public_key);
    }
    const core::KeyId key_id = tls::key_id_of_spki(MANDOS_TRY(tls::spki_of_pem(keys.tls_public)));
    MANDOS_TRY(write_key_set(keys, options.directory, if_there));
    const std::string summary =
        fmt::format("keys of {} are in {}\n  key ID       {}\n  fingerprint  {}\n", quoted(options.name),
                    quoted(options.directory), to_hex(key_id.digest()), openpgp_key.fingerprint);
    MANDOS_TRY_IN("the keys are in place, but that cannot be told", tell(summary));
    return {};
}

} // namespace mandos::keygen
