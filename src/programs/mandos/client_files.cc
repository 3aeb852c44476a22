#include "programs/mandos/client_files.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "adapters/openpgp/openpgp.h"
#include "adapters/tls/tls.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/quote.h"
#include "core/client.h"
#include "core/key_id.h"
#include "core/limits.h"
#include "programs/mandos/expand_path.h"
#include "wire/clients_conf.h"
#include "wire/finding.h"

namespace mandos::server {

namespace {

using wire::Finding;
using wire::Severity;

// Completes one section of FILE.
class Completion {
  public:
    Completion(const std::string& section, const std::string& file, wire::Findings& findings)
        : section_(section), file_(file), findings_(findings) {}

    bool read_secret(wire::ClientSection& section) {
        const auto* named = std::get_if<wire::NamedFile>(&section.secret_file);
        if (named == nullptr)
            return true;
        Result<Bytes> secret = read_file(expand_path(named->path), core::limits::secret);
        if (!secret)
            return add(
                Severity::Error, named->line, "secfile",
                fmt::format("{}; expected a file with the client's OpenPGP message", secret.error().text()));
        if (secret->empty())
            add(Severity::Warning, named->line, "secfile",
                fmt::format("file {} is empty: this client gets nothing", quoted(named->path)));
        section.settings.secret = core::make_secret(std::move(*secret));
        return true;
    }

    bool apply_openpgp_key(wire::ClientSection& section) {
        if (const auto* text = std::get_if<wire::InlineText>(&section.openpgp_key))
            return apply(section.settings, text->text, text->line, "openpgp_key");
        const auto* named = std::get_if<wire::NamedFile>(&section.openpgp_key);
        if (named == nullptr)
            return true;
        const Result<Bytes> content = read_file(expand_path(named->path), core::limits::key_file);
        if (!content)
            return add(Severity::Error, named->line, "openpgp_keyfile",
                       fmt::format("{}; expected an armoured OpenPGP public key", content.error().text()));
        return apply(section.settings, as_text(*content), named->line, "openpgp_keyfile");
    }

  private:
    // Key ID and fingerprint of the OpenPGP key; where the section gives them too, they must be the same.
    bool apply(core::ClientSettings& settings, std::string_view armoured, std::size_t line,
               const char* option) {
        const Result<openpgp::Identity> identity = openpgp::read_identity(armoured);
        if (!identity)
            return add(Severity::Error, line, option, identity.error().text());
        if (settings.fingerprint.empty())
            settings.fingerprint = identity->fingerprint;
        if (settings.fingerprint != identity->fingerprint)
            return add(Severity::Error, line, option,
                       fmt::format("the key has the fingerprint {}, but the option fingerprint says {}",
                                   identity->fingerprint, quoted(settings.fingerprint)));
        if (!identity->tls_spki) {
            if (settings.key_id)
                return true;
            return add(
                Severity::Error, line, option,
                "the key has no Ed25519 authentication subkey to derive the key ID from; expected a key made "
                "by mandos-keygen 2, or the option key_id beside it");
        }
        const core::KeyId derived = tls::key_id_of_spki(*identity->tls_spki);
        if (!settings.key_id)
            settings.key_id = derived;
        if (*settings.key_id != derived)
            return add(Severity::Error, line, option,
                       fmt::format(
                           "the key's authentication subkey has the key ID {}, but the option key_id says {}",
                           derived.text(), settings.key_id->text()));
        return true;
    }

    // Returns false, for those who end with it.
    bool add(Severity severity, std::size_t line, const char* option, std::string text) {
        findings_.push_back(Finding{.severity = severity,
                                    .file = file_,
                                    .line = line,
                                    .section = section_,
                                    .option = option,
                                    .text = std::move(text)});
        return false;
    }

    const std::string& section_;
    const std::string& file_;
    wire::Findings& findings_;
};

} // namespace

bool complete(wire::ClientSection& section, const std::string& file, wire::Findings& findings) {
    Completion completion(section.settings.name, file, findings);
    const bool secret_is_there = completion.read_secret(section);
    const bool key_fits = completion.apply_openpgp_key(section);
    return secret_is_there && key_fits;
}

} // namespace mandos::server
