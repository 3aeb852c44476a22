#include "adapters/bus/weight.h"

#include <cstddef>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "adapters/bus/value.h"
#include "base/bytes.h"

namespace mandos::bus {

namespace {

// Length, padding, the terminating NUL, and the signature of a variant around it.
constexpr std::size_t around = 16;

struct Weigh {
    std::size_t operator()(const std::string& text) const { return around + text.size(); }
    std::size_t operator()(const ObjectPath& path) const { return around + path.text.size(); }
    std::size_t operator()(const Bytes& bytes) const { return around + bytes.size(); }
    std::size_t operator()(const Secret& secret) const { return around + secret->size(); }
    std::size_t operator()(const Strings& strings) const {
        std::size_t sum = around;
        for (const std::string& text : strings)
            sum += around + text.size();
        return sum;
    }
    std::size_t operator()(const Dictionary& dictionary) const {
        std::size_t sum = around;
        for (const auto& [key, value] : dictionary)
            sum += around + key.size() + std::visit(*this, value.data());
        return sum;
    }
    std::size_t operator()(const Array& elements) const { return around + weight(elements); }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    std::size_t operator()(const Number& /*number*/) const {
        return around;
    }
};

} // namespace

std::size_t weight(const std::vector<Value>& values) {
    std::size_t sum = 0;
    for (const Value& value : values)
        sum += std::visit(Weigh{}, value.data());
    return sum;
}

} // namespace mandos::bus
