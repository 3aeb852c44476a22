#include "adapters/openpgp/rnp.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/error.h"
#include "base/handle.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"

namespace mandos::openpgp {

namespace {

constexpr std::size_t ed25519_size = 32;

unsigned hex_digit(std::byte digit) {
    const auto character = std::to_integer<unsigned>(digit);
    return character <= '9' ? character - '0' : (character | 0x20U) - 'a' + 10U;
}

} // namespace

std::unexpected<Error> fail_rnp(ErrorKind kind, std::string_view what, rnp_result_t code) {
    return std::unexpected(Error(kind, fmt::format("{}: {}", what, rnp_result_to_string(code))));
}

Engine new_engine() {
    rnp_ffi_t raw = nullptr;
    check(rnp_ffi_create(&raw, "GPG", "GPG") == RNP_SUCCESS, "there is memory for an OpenPGP engine");
    return Engine(raw);
}

Result<Input> input_from(ByteView bytes) {
    if (bytes.empty())
        return fail(ErrorKind::Invalid, "there is nothing in it");
    rnp_input_t raw = nullptr;
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    check(rnp_input_from_memory(&raw, data, bytes.size(), false) == RNP_SUCCESS,
          "there is memory for an input");
    return Input(raw);
}

LibrarySilenced::LibrarySilenced() {
    // Kept open: whoever decrypts may be unable to open files by then (adapters/privilege/confinement.h).
    static const UniqueFd null(open("/dev/null", O_WRONLY | O_CLOEXEC));
    standard_error_.reset(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!null || !standard_error_ || dup2(null.get(), STDERR_FILENO) < 0)
        standard_error_.reset();
}

LibrarySilenced::~LibrarySilenced() {
    if (standard_error_)
        (void)dup2(standard_error_.get(), STDERR_FILENO); // it was there before
}

Result<void> import_keys(const Engine& engine, ByteView armoured) {
    const Input input = MANDOS_TRY(input_from(armoured));
    const rnp_result_t code = rnp_import_keys(engine.get(), input.get(),
                                              RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS, nullptr);
    if (code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::Invalid, "no OpenPGP key can be read; expected an armoured one", code);
    return {};
}

Result<Key> only_primary_key(const Engine& engine) {
    rnp_identifier_iterator_t raw = nullptr;
    check(rnp_identifier_iterator_create(engine.get(), &raw, "fingerprint") == RNP_SUCCESS,
          "keys can be listed by fingerprint");
    const Handle<rnp_identifier_iterator_st, rnp_identifier_iterator_destroy> iterator(raw);
    Key primary;
    const char* fingerprint = nullptr;
    while (rnp_identifier_iterator_next(raw, &fingerprint) == RNP_SUCCESS && fingerprint != nullptr) {
        rnp_key_handle_t handle = nullptr;
        if (rnp_locate_key(engine.get(), "fingerprint", fingerprint, &handle) != RNP_SUCCESS
            || handle == nullptr)
            continue;
        Key key(handle);
        bool is_primary = false;
        if (rnp_key_is_primary(handle, &is_primary) != RNP_SUCCESS || !is_primary)
            continue;
        if (primary)
            return fail(ErrorKind::Invalid, "there is more than one OpenPGP key; expected exactly one");
        primary = std::move(key);
    }
    if (!primary)
        return fail(ErrorKind::Invalid, "there is no OpenPGP key; expected exactly one");
    return primary;
}

bool SecretSink::write(void* sink, const void* bytes, std::size_t size) noexcept {
    auto& self = *static_cast<SecretSink*>(sink);
    if (size > self.limit_ - self.filled_) {
        self.exceeded_ = true;
        return false;
    }
    constexpr std::size_t first_size = 4096;
    const std::size_t needed = self.filled_ + size;
    if (needed > self.bytes_.size())
        self.bytes_.resize(std::max({needed, 2 * self.bytes_.size(), first_size}));
    std::copy_n(static_cast<const std::byte*>(bytes), size, self.bytes_.reveal().data() + self.filled_);
    self.filled_ = needed;
    return true;
}

Output SecretSink::output() {
    rnp_output_t raw = nullptr;
    check(rnp_output_to_callback(&raw, write, nullptr, this) == RNP_SUCCESS, "there is memory for an output");
    return Output(raw);
}

SecretBytes SecretSink::take() {
    bytes_.resize(filled_);
    filled_ = 0;
    return std::move(bytes_);
}

Result<SecretBytes> mpi_of(const Key& key, std::uint32_t which, std::string_view name, std::size_t bytes) {
    char* raw = nullptr;
    if (const rnp_result_t code = rnp_key_to_json(key.get(), which, &raw); code != RNP_SUCCESS)
        return fail_rnp(ErrorKind::System, "the parts of a key cannot be read", code);
    const Text json(raw);
    // Searched in place: a JSON library would leave copies of a secret behind. The text is librnp's own.
    const std::string_view text = raw;
    const std::string member = fmt::format("\"{}\":\"", name);
    const std::size_t start = text.find(member);
    const std::size_t digits = start == std::string_view::npos ? start : start + member.size();
    const std::size_t end = digits == std::string_view::npos ? digits : text.find('"', digits);
    SecretBytes number;
    if (end != std::string_view::npos && end - digits <= 2 * bytes) {
        number.resize(bytes);
        std::size_t nibble = 2 * bytes;
        for (std::size_t i = end; i > digits; --i) {
            --nibble;
            const auto value = std::byte(hex_digit(std::byte(text[i - 1])) << (nibble % 2 == 0 ? 4U : 0U));
            number.reveal()[nibble / 2] |= value;
        }
    }
    rnp_buffer_clear(raw, text.size());
    if (number.empty())
        return fail(ErrorKind::Invalid, "the key has no number {} of at most {} bytes", name, bytes);
    return number;
}

Result<Bytes> ed25519_public(const Key& key) {
    // RFC 9580 §9.2.1: the point has 0x40 in front.
    const SecretBytes point = MANDOS_TRY(mpi_of(key, RNP_JSON_PUBLIC_MPIS, "point", ed25519_size + 1));
    const ByteView bytes = point.reveal();
    if (bytes.front() != std::byte{0x40})
        return fail(ErrorKind::Invalid, "the Ed25519 key is not in its native form");
    return Bytes(bytes.begin() + 1, bytes.end());
}

Result<SecretBytes> ed25519_seed(const Key& key) {
    return mpi_of(key, RNP_JSON_SECRET_MPIS, "x", ed25519_size);
}

bool is_tls_key(const Key& key) {
    char* algorithm = nullptr;
    char* curve = nullptr;
    bool valid = false;
    bool authenticates = false;
    const bool known = rnp_key_get_alg(key.get(), &algorithm) == RNP_SUCCESS
                       && rnp_key_is_valid(key.get(), &valid) == RNP_SUCCESS
                       && rnp_key_allows_usage(key.get(), "authenticate", &authenticates) == RNP_SUCCESS;
    const Text algorithm_owner(algorithm);
    if (!known || !valid || !authenticates || std::string_view(algorithm) != "EDDSA")
        return false;
    const bool has_curve = rnp_key_get_curve(key.get(), &curve) == RNP_SUCCESS;
    const Text curve_owner(curve);
    return has_curve && std::string_view(curve) == "Ed25519";
}

} // namespace mandos::openpgp
