// Value: what a D-Bus message carries, as a tree. A variant is its content: who reads finds the value itself,
// who writes says "v" in the signature. Nothing here knows a connection; message.h reads and writes these.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace mandos::bus {

class Value;

// "/clients/one": checked by the library when it is sent.
struct ObjectPath {
    std::string text;
    auto operator<=>(const ObjectPath&) const = default;
};

// A dictionary in the order of the message. Keys that are numbers on the bus are their decimal digits here.
using Dictionary = std::vector<std::pair<std::string, Value>>;
// An array of anything but bytes and strings, or a struct.
using Array = std::vector<Value>;
using Strings = std::vector<std::string>;
// Bytes on the bus that are wiped there and here, never read back. Shared, since values are copied and
// secrets are not. Never null.
using Secret = std::shared_ptr<const SecretBytes>;

class Value {
  public:
    using Data = std::variant<bool, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                              std::int64_t, std::uint64_t, double, std::string, ObjectPath, Bytes, Secret,
                              Strings, Dictionary, Array>;

    // Takes exactly the alternatives of Data, and text. No conversion between numbers: the type is what is
    // sent. Not explicit, so that arguments are listed as they are: {"name", true}.
    // NOLINTBEGIN(google-explicit-constructor)
    template <class T>
        requires(!std::same_as<T, Value> && !std::convertible_to<T, std::string_view>)
    Value(T data) : data_(std::in_place_type<T>, std::move(data)) {}
    Value(std::string text) : data_(std::move(text)) {}
    Value(std::string_view text) : Value(std::string(text)) {}
    Value(const char* text) : Value(std::string(text)) {}
    // NOLINTEND(google-explicit-constructor)

    const Data& data() const { return data_; }

    // The value if it is a T, else nullptr.
    template <class T>
    const T* get_if() const {
        return std::get_if<T>(&data_);
    }

    bool operator==(const Value&) const = default;

  private:
    Data data_;
};

// The value of the first entry with this key, nullptr where there is none.
const Value* find(const Dictionary& dictionary, std::string_view key);

// The D-Bus type that VALUE has by itself, as in a variant: "t", "as", "a{sv}". Elements of an array that
// differ in type make it "av"; so does there being none.
std::string natural_signature(const Value& value);

} // namespace mandos::bus
