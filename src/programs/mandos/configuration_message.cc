#include "programs/mandos/configuration_message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "core/client.h"
#include "core/key_id.h"
#include "programs/mandos/clients.h"
#include "wire/finding.h"

namespace mandos::server {

namespace {

using nlohmann::json;

json binary(ByteView bytes) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    return json::binary(std::vector<std::uint8_t>(first, first + bytes.size()));
}

ByteView bytes_of(const json& value) {
    return std::as_bytes(std::span<const std::uint8_t>(value.get_binary()));
}

// Text is sent as bytes: a name need not be UTF-8.
json text(const std::string& value) {
    return binary(as_bytes(value));
}

std::string text_of(const json& value) {
    return std::string(as_text(bytes_of(value)));
}

json encode_client(const core::ClientSettings& client) {
    return json::array({text(client.name), client.key_id ? binary(client.key_id->digest()) : json(),
                        text(client.fingerprint), client.secret ? binary(*client.secret) : binary({}),
                        text(client.host), text(client.checker), client.timeout.count(),
                        client.extended_timeout.count(), client.interval.count(),
                        client.approval_delay.count(), client.approval_duration.count(),
                        client.approved_by_default, client.enabled});
}

core::ClientSettings decode_client(const json& from) {
    std::size_t next = 0;
    const auto field = [&from, &next]() -> const json& { return from.at(next++); };
    core::ClientSettings client;
    client.name = text_of(field());
    if (const json& key_id = field(); !key_id.is_null()) {
        core::KeyId::Digest digest{};
        const ByteView bytes = bytes_of(key_id);
        std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
        client.key_id = core::KeyId(digest);
    }
    client.fingerprint = text_of(field());
    const ByteView secret = bytes_of(field());
    client.secret = core::make_secret(Bytes(secret.begin(), secret.end()));
    client.host = text_of(field());
    client.checker = text_of(field());
    for (Duration* duration : {&client.timeout, &client.extended_timeout, &client.interval,
                               &client.approval_delay, &client.approval_duration})
        *duration = Duration(field().get<Duration::rep>());
    client.approved_by_default = field().get<bool>();
    client.enabled = field().get<bool>();
    return client;
}

json encode_finding(const wire::Finding& finding) {
    return json::array({finding.severity == wire::Severity::Error, text(finding.file), finding.line,
                        text(finding.section), text(finding.option), text(finding.text)});
}

wire::Finding decode_finding(const json& from) {
    return {.severity = from.at(0).get<bool>() ? wire::Severity::Error : wire::Severity::Warning,
            .file = text_of(from.at(1)),
            .line = from.at(2).get<std::size_t>(),
            .section = text_of(from.at(3)),
            .option = text_of(from.at(4)),
            .text = text_of(from.at(5))};
}

} // namespace

Bytes encode(const ClientsRead& read) {
    json clients = json::array();
    for (const core::ClientSettings& client : read.clients)
        clients.push_back(encode_client(client));
    json findings = json::array();
    for (const wire::Finding& finding : read.findings)
        findings.push_back(encode_finding(finding));
    const std::vector<std::uint8_t> message =
        json::to_cbor(json::array({std::move(clients), std::move(findings)}));
    const auto view = std::as_bytes(std::span(message));
    return {view.begin(), view.end()};
}

Result<ClientsRead> decode(ByteView message) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(message.data());
    try {
        const json from = json::from_cbor(first, first + message.size());
        ClientsRead read;
        for (const json& client : from.at(0))
            read.clients.push_back(decode_client(client));
        for (const json& finding : from.at(1))
            read.findings.push_back(decode_finding(finding));
        return read;
    } catch (const json::exception& error) {
        return fail(ErrorKind::Invalid, "what the configuration process sent cannot be read: {}",
                    error.what());
    }
}

} // namespace mandos::server
