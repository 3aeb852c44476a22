#include "wire/pickle_stack.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "core/limits.h"
#include "wire/pickle.h"
#include "wire/pickle_build.h"

namespace mandos::wire {

namespace {

std::unexpected<Error> too_deep() {
    return fail(ErrorKind::Exhausted, "nested deeper than {}", core::limits::state_stack);
}

} // namespace

Result<void> PickleStack::push(PickleValue value) {
    MANDOS_TRY(count(1));
    values_.push_back(std::move(value));
    return push_index(static_cast<PickleIndex>(values_.size() - 1));
}

Result<void> PickleStack::mark() {
    if (marks_.size() >= core::limits::state_stack)
        return too_deep();
    marks_.push_back(stack_.size());
    return {};
}

Result<std::vector<PickleIndex>> PickleStack::pop(std::size_t size) {
    if (height() < size)
        return fail(ErrorKind::Invalid, "{} values are needed, and there are {}", size, height());
    MANDOS_TRY(count(size));
    std::vector<PickleIndex> popped(stack_.end() - static_cast<std::ptrdiff_t>(size), stack_.end());
    stack_.resize(stack_.size() - size);
    return popped;
}

Result<std::vector<PickleIndex>> PickleStack::pop_to_mark() {
    if (marks_.empty())
        return fail(ErrorKind::Invalid, "there is no mark up to which to take values");
    std::vector<PickleIndex> popped = MANDOS_TRY(pop(height()));
    marks_.pop_back();
    return popped;
}

Result<void> PickleStack::append(const std::vector<PickleIndex>& items) {
    const PickleIndex target = MANDOS_TRY(top());
    auto* list = std::get_if<PickleList>(&values_[target]);
    if (list == nullptr)
        return fail(ErrorKind::Invalid, "items for something that is no list");
    std::ranges::copy(items, std::back_inserter(list->items));
    return {};
}

Result<void> PickleStack::set(const std::vector<PickleIndex>& items) {
    const PickleIndex target = MANDOS_TRY(top());
    auto* dictionary = std::get_if<PickleDictionary>(&values_[target]);
    if (dictionary == nullptr)
        return fail(ErrorKind::Invalid, "keys for something that is no dictionary");
    if (items.size() % 2 != 0)
        return fail(ErrorKind::Invalid, "a key without a value");
    for (std::size_t i = 0; i < items.size(); i += 2)
        dictionary->items.emplace_back(items[i], items[i + 1]);
    return {};
}

Result<void> PickleStack::build() {
    const std::vector<PickleIndex> both = MANDOS_TRY(pop(2));
    const auto* name = std::get_if<PickleName>(&values_[both.front()]);
    const auto* arguments = std::get_if<PickleTuple>(&values_[both.back()]);
    if (name == nullptr || arguments == nullptr)
        return fail(ErrorKind::Invalid, "a call of something that is no name, or without arguments");
    PickleValue built = MANDOS_TRY(build_pickle_value(*name, arguments->items, values_));
    // Few instructions can make many copies of one long text.
    if (const auto* bytes = std::get_if<PickleBytes>(&built)) {
        if (bytes->bytes.size() > core::limits::state_file - built_)
            return fail(ErrorKind::Exhausted, "more than {} bytes in all", core::limits::state_file);
        built_ += bytes->bytes.size();
    }
    return push(std::move(built));
}

Result<void> PickleStack::put(std::int64_t place) {
    const PickleIndex index = MANDOS_TRY(top());
    MANDOS_TRY(count(1));
    kept_[place] = index;
    return {};
}

Result<void> PickleStack::get(std::int64_t place) {
    const auto found = kept_.find(place);
    if (found == kept_.end())
        return fail(ErrorKind::Invalid, "nothing was kept as number {}", place);
    return push_index(found->second);
}

Result<PickleIndex> PickleStack::only() const {
    if (stack_.size() != 1 || !marks_.empty())
        return fail(ErrorKind::Invalid, "the end comes with {} values left over; expected one",
                    stack_.size());
    return stack_.back();
}

Result<void> PickleStack::count(std::size_t more) {
    if (more > core::limits::state_values - counted_)
        return fail(ErrorKind::Exhausted, "more than {} values", core::limits::state_values);
    counted_ += more;
    return {};
}

Result<void> PickleStack::push_index(PickleIndex index) {
    if (stack_.size() >= core::limits::state_stack)
        return too_deep();
    stack_.push_back(index);
    return {};
}

Result<PickleIndex> PickleStack::top() const {
    if (height() == 0)
        return fail(ErrorKind::Invalid, "a value is needed, and there is none");
    return stack_.back();
}

// How many values lie above the last mark, or above the bottom.
std::size_t PickleStack::height() const {
    return stack_.size() - (marks_.empty() ? 0 : marks_.back());
}

} // namespace mandos::wire
