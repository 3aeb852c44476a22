#include "wire/clients_pickle.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/duration.h"
#include "base/error.h"
#include "base/quote.h"
#include "core/key_id.h"
#include "core/limits.h"
#include "wire/pickle.h"

namespace mandos::wire {

namespace {

// What texts are read. Pickled text can be referred to again and again at the cost of a few bytes; here each
// reference counts with all of the text, so that reading ends after a time that the file's limit gives.
class TextBudget {
  public:
    // Nothing where VALUE is no text.
    Result<std::optional<std::string_view>> text(const PickleValue& value) {
        if (const auto* text = std::get_if<PickleText>(&value)) {
            MANDOS_TRY(take(text->text.size()));
            return text->text;
        }
        const auto* bytes = std::get_if<PickleBytes>(&value); // Python 2's
        if (bytes == nullptr)
            return std::nullopt;
        MANDOS_TRY(take(bytes->bytes.size()));
        return is_utf8(bytes->bytes) ? std::optional<std::string_view>(bytes->bytes) : std::nullopt;
    }

    Result<void> take(std::size_t bytes) {
        if (bytes > left_)
            return fail(ErrorKind::Exhausted, "more than {} bytes of text in all", core::limits::state_file);
        left_ -= bytes;
        return {};
    }

  private:
    std::size_t left_ = core::limits::state_file;
};

// The fields of one client or of its settings.
class Fields {
  public:
    static Result<Fields> open(const Pickle& pickle, const PickleValue& value, TextBudget& budget) {
        const auto* dictionary = std::get_if<PickleDictionary>(&value);
        if (dictionary == nullptr)
            return fail(ErrorKind::Invalid, "{} in place of a dictionary of fields", describe(value));
        Fields fields(budget);
        for (const auto& [key, index] : dictionary->items) {
            const std::optional<std::string_view> name = MANDOS_TRY(budget.text(pickle.at(key)));
            if (!name)
                return fail(ErrorKind::Invalid, "{} in place of a field's name", describe(pickle.at(key)));
            if (!fields.values_.emplace(*name, &pickle.at(index)).second)
                return fail(ErrorKind::Invalid, "field {} is there twice", quoted(*name));
        }
        return fields;
    }

    Result<std::string> text(std::string_view field) const {
        const PickleValue* value = MANDOS_TRY(find(field));
        const std::optional<std::string_view> text = MANDOS_TRY(budget_.text(*value));
        if (!text)
            return wrong(field, *value, "text");
        return std::string(*text);
    }

    // Empty where the field is missing: states before 1.8 have no key_id, later ones may have no fingerprint.
    Result<std::string> text_if_there(std::string_view field) const {
        return values_.contains(field) ? text(field) : std::string();
    }

    Result<std::optional<core::KeyId>> key_id(std::string_view field) const {
        const std::string written = MANDOS_TRY(text_if_there(field));
        if (written.empty())
            return std::nullopt;
        return MANDOS_TRY_IN(fmt::format("field {}: {}", field, quoted(written)),
                             core::KeyId::parse(written));
    }

    Result<Bytes> bytes(std::string_view field) const {
        const PickleValue* value = MANDOS_TRY(find(field));
        const auto* bytes = std::get_if<PickleBytes>(value);
        if (bytes == nullptr)
            return wrong(field, *value, "bytes");
        MANDOS_TRY(budget_.take(bytes->bytes.size()));
        return to_bytes(bytes->bytes);
    }

    Result<bool> boolean(std::string_view field) const {
        const PickleValue* value = MANDOS_TRY(find(field));
        const auto* boolean = std::get_if<bool>(value);
        if (boolean == nullptr)
            return wrong(field, *value, "a boolean");
        return *boolean;
    }

    Result<std::optional<std::int64_t>> number(std::string_view field) const {
        return optional<std::int64_t>(field, "a number or None");
    }

    Result<std::optional<ImportedTime>> time(std::string_view field) const {
        return optional<ImportedTime>(field, "a time or None");
    }

    Result<Duration> span(std::string_view field) const {
        const PickleValue* value = MANDOS_TRY(find(field));
        const auto* span = std::get_if<PickleSpan>(value);
        if (span == nullptr)
            return wrong(field, *value, "a time span");
        return std::clamp<Duration>(*span, Duration::zero(), core::limits::time_span);
    }

    Result<ImportedValues> values() const {
        ImportedValues values;
        values.key_id = MANDOS_TRY(key_id("key_id"));
        values.fingerprint = MANDOS_TRY(text_if_there("fingerprint"));
        values.host = MANDOS_TRY(text("host"));
        values.checker_command = MANDOS_TRY(text("checker_command"));
        values.enabled = MANDOS_TRY(boolean("enabled"));
        values.approved_by_default = MANDOS_TRY(boolean("approved_by_default"));
        values.timeout = MANDOS_TRY(span("timeout"));
        values.extended_timeout = MANDOS_TRY(span("extended_timeout"));
        const Duration interval = MANDOS_TRY(span("interval"));
        values.interval = std::max<Duration>(interval, core::limits::shortest_interval);
        values.approval_delay = MANDOS_TRY(span("approval_delay"));
        values.approval_duration = MANDOS_TRY(span("approval_duration"));
        return values;
    }

  private:
    explicit Fields(TextBudget& budget) : budget_(budget) {}

    Result<const PickleValue*> find(std::string_view field) const {
        const auto found = values_.find(field);
        if (found == values_.end())
            return fail(ErrorKind::Invalid, "field {} is missing", field);
        return found->second;
    }

    template <class T>
    Result<std::optional<T>> optional(std::string_view field, const char* expected) const {
        const PickleValue* value = MANDOS_TRY(find(field));
        if (std::holds_alternative<PickleNone>(*value))
            return std::nullopt;
        const auto* held = std::get_if<T>(value);
        if (held == nullptr)
            return wrong(field, *value, expected);
        return *held;
    }

    static std::unexpected<Error> wrong(std::string_view field, const PickleValue& value,
                                        const char* expected) {
        return fail(ErrorKind::Invalid, "field {} is {}; expected {}", field, describe(value), expected);
    }

    std::unordered_map<std::string_view, const PickleValue*> values_;
    TextBudget& budget_;
};

Result<ImportedClient> read_client(const Fields& fields, std::string name) {
    if (const std::string own_name = MANDOS_TRY(fields.text("name")); own_name != name)
        return fail(ErrorKind::Invalid, "field name is {}", quoted(own_name));
    ImportedClient client;
    client.name = std::move(name);
    client.values = MANDOS_TRY(fields.values());
    client.created = MANDOS_TRY(fields.time("created"));
    client.last_enabled = MANDOS_TRY(fields.time("last_enabled"));
    client.expires = MANDOS_TRY(fields.time("expires"));
    client.last_checked_ok = MANDOS_TRY(fields.time("last_checked_ok"));
    client.last_approval_request = MANDOS_TRY(fields.time("last_approval_request"));
    client.last_checker_status = MANDOS_TRY(fields.number("last_checker_status"));
    client.encrypted_secret = MANDOS_TRY(fields.bytes("encrypted_secret"));
    return client;
}

Result<ImportedSettings> read_settings(const Fields& fields, std::string name) {
    ImportedSettings settings;
    settings.name = std::move(name);
    settings.values = MANDOS_TRY(fields.values());
    return settings;
}

// How messages call a dictionary, and one of its items.
struct Words {
    const char* whole;
    const char* item;
};
constexpr Words client_words{.whole = "clients", .item = "client"};
constexpr Words settings_words{.whole = "settings", .item = "settings of client"};

// What READ makes of each item of a dictionary from names to fields.
template <class Item, class Read>
Result<std::vector<Item>> read_each(const Pickle& pickle, const PickleValue& value, const Words& words,
                                    TextBudget& budget, Read read) {
    const auto* dictionary = std::get_if<PickleDictionary>(&value);
    if (dictionary == nullptr)
        return fail(ErrorKind::Invalid, "{} in place of the {}", describe(value), words.whole);
    std::vector<Item> items;
    std::unordered_set<std::string_view> names;
    for (const auto& [key, index] : dictionary->items) {
        const std::optional<std::string_view> name = MANDOS_TRY(budget.text(pickle.at(key)));
        if (!name)
            return fail(ErrorKind::Invalid, "{} in place of the name of a client", describe(pickle.at(key)));
        const std::string where = fmt::format("{} {}", words.item, quoted(*name));
        if (!names.insert(*name).second)
            return fail(ErrorKind::Invalid, "{}: there twice", where);
        const Fields fields = MANDOS_TRY_IN(where, Fields::open(pickle, pickle.at(index), budget));
        items.push_back(MANDOS_TRY_IN(where, read(fields, std::string(*name))));
    }
    return items;
}

// Marks those settings whose client was removed. Invalid: a client without settings.
Result<void> compare_names(ImportedState& state) {
    std::unordered_set<std::string_view> without_settings;
    for (const ImportedClient& client : state.clients)
        without_settings.insert(client.name);
    for (ImportedSettings& settings : state.settings)
        settings.removed = without_settings.erase(settings.name) == 0;
    if (!without_settings.empty())
        return fail(ErrorKind::Invalid, "client {}: there are no settings of it",
                    quoted(*without_settings.begin()));
    return {};
}

} // namespace

Result<ImportedState> parse_clients_pickle(ByteView bytes) {
    const Pickle pickle = MANDOS_TRY(read_pickle(bytes));
    const auto* both = std::get_if<PickleTuple>(&pickle.root());
    if (both == nullptr || both->items.size() != 2)
        return fail(ErrorKind::Invalid, "no tuple of clients and settings, but {}", describe(pickle.root()));
    TextBudget budget;
    ImportedState state;
    state.clients = MANDOS_TRY(
        read_each<ImportedClient>(pickle, pickle.at(both->items.front()), client_words, budget, read_client));
    state.settings = MANDOS_TRY(read_each<ImportedSettings>(pickle, pickle.at(both->items.back()),
                                                            settings_words, budget, read_settings));
    MANDOS_TRY(compare_names(state));
    return state;
}

} // namespace mandos::wire
