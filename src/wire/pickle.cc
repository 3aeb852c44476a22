#include "wire/pickle.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "wire/pickle_build.h"
#include "wire/pickle_scanner.h"
#include "wire/pickle_stack.h"

namespace mandos::wire {

namespace {

// The instructions, named as in Python's pickletools; those with a letter are of protocol 0 and 1.
enum Instruction : unsigned char {
    Mark = '(',
    Stop = '.',
    None = 'N',
    Int = 'I',
    BinInt = 'J',
    BinInt1 = 'K',
    BinInt2 = 'M',
    Long = 'L',
    String = 'S',
    BinString = 'T',
    ShortBinString = 'U',
    Unicode = 'V',
    BinUnicode = 'X',
    EmptyTuple = ')',
    Tuple = 't',
    EmptyList = ']',
    List = 'l',
    Append = 'a',
    Appends = 'e',
    EmptyDict = '}',
    Dict = 'd',
    SetItem = 's',
    SetItems = 'u',
    Global = 'c',
    Reduce = 'R',
    Put = 'p',
    BinPut = 'q',
    LongBinPut = 'r',
    Get = 'g',
    BinGet = 'h',
    LongBinGet = 'j',
    Proto = 0x80,
    NewObject = 0x81,
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    NewTrue = 0x88,
    NewFalse = 0x89,
    Long1 = 0x8a,
    Long4 = 0x8b,
};

constexpr std::uint32_t latest_protocol = 2;

Result<std::int64_t> decimal(std::string_view text) {
    const auto number = parse_number<std::int64_t>(text);
    if (!number)
        return fail(ErrorKind::Invalid, "{} is no number of at most 64 bits", quoted(text));
    return *number;
}

// Executes the instructions of one pickle.
class PickleMachine {
  public:
    explicit PickleMachine(ByteView bytes) : scanner_(bytes) {}

    Result<Pickle> run() {
        while (!root_) {
            const std::size_t start = scanner_.offset();
            const Result<void> done = step();
            if (!done)
                return std::unexpected(Error(done.error()).context(fmt::format("offset {}", start)));
        }
        if (!scanner_.at_end())
            return fail(ErrorKind::Invalid, "offset {}: something follows the end", scanner_.offset());
        return Pickle(std::move(stack_).values(), *root_);
    }

  private:
    Result<void> step() {
        const auto code = static_cast<unsigned char>(MANDOS_TRY(scanner_.take(1)).front());
        switch (code) {
        case Proto:
            return check_protocol();
        case Mark:
            return stack_.mark();
        case Stop:
            root_ = MANDOS_TRY(stack_.only());
            return {};
        case None:
            return stack_.push(PickleNone{});
        case NewTrue:
            return stack_.push(true);
        case NewFalse:
            return stack_.push(false);
        case Int:
            return push_int_line();
        case BinInt:
            return stack_.push(std::int64_t{static_cast<std::int32_t>(MANDOS_TRY(scanner_.number(4)))});
        case BinInt1:
            return stack_.push(std::int64_t{MANDOS_TRY(scanner_.number(1))});
        case BinInt2:
            return stack_.push(std::int64_t{MANDOS_TRY(scanner_.number(2))});
        case Long: {
            const std::string_view line = MANDOS_TRY(scanner_.line());
            return push_decimal(line.substr(0, line.size() - (line.ends_with('L') ? 1 : 0)));
        }
        case Long1:
        case Long4: {
            const std::string_view bytes = MANDOS_TRY(scanner_.counted(code == Long1 ? 1 : 4));
            const std::int64_t number = MANDOS_TRY(little_endian(bytes));
            return stack_.push(number);
        }
        case String: {
            const std::string_view line = MANDOS_TRY(scanner_.line());
            std::string unescaped = MANDOS_TRY(unescape_bytes(line));
            return stack_.push(PickleBytes{std::move(unescaped)});
        }
        case BinString:
        case ShortBinString: {
            const std::string_view bytes = MANDOS_TRY(scanner_.counted(code == ShortBinString ? 1 : 4));
            return stack_.push(PickleBytes{std::string(bytes)});
        }
        case Unicode: {
            const std::string_view line = MANDOS_TRY(scanner_.line());
            std::string unescaped = MANDOS_TRY(unescape_text(line));
            return stack_.push(PickleText{std::move(unescaped)});
        }
        case BinUnicode: {
            const std::string_view text = MANDOS_TRY(scanner_.counted(4));
            if (!is_utf8(text))
                return fail(ErrorKind::Invalid, "a text that is not UTF-8");
            return stack_.push(PickleText{std::string(text)});
        }
        default:
            return step_with_structure(code);
        }
    }

    Result<void> step_with_structure(unsigned char code) {
        switch (code) {
        case EmptyTuple:
            return stack_.push(PickleTuple{});
        case Tuple1:
        case Tuple2:
        case Tuple3:
            return stack_.push(PickleTuple{MANDOS_TRY(stack_.pop(code - Tuple1 + 1U))});
        case Tuple:
            return stack_.push(PickleTuple{MANDOS_TRY(stack_.pop_to_mark())});
        case EmptyList:
            return stack_.push(PickleList{});
        case List:
            return stack_.push(PickleList{MANDOS_TRY(stack_.pop_to_mark())});
        case Append:
            return stack_.append(MANDOS_TRY(stack_.pop(1)));
        case Appends:
            return stack_.append(MANDOS_TRY(stack_.pop_to_mark()));
        case EmptyDict:
            return stack_.push(PickleDictionary{});
        case Dict: {
            const std::vector<PickleIndex> items = MANDOS_TRY(stack_.pop_to_mark());
            MANDOS_TRY(stack_.push(PickleDictionary{}));
            return stack_.set(items);
        }
        case SetItem:
            return stack_.set(MANDOS_TRY(stack_.pop(2)));
        case SetItems:
            return stack_.set(MANDOS_TRY(stack_.pop_to_mark()));
        case Global: {
            const std::string_view module = MANDOS_TRY(scanner_.line());
            const std::string_view name = MANDOS_TRY(scanner_.line());
            return stack_.push(MANDOS_TRY(find_pickle_name(module, name)));
        }
        case Reduce:
        case NewObject:
            return stack_.build();
        case Put:
            return stack_.put(MANDOS_TRY(decimal_line()));
        case BinPut:
        case LongBinPut:
            return stack_.put(MANDOS_TRY(scanner_.number(code == BinPut ? 1 : 4)));
        case Get:
            return stack_.get(MANDOS_TRY(decimal_line()));
        case BinGet:
        case LongBinGet:
            return stack_.get(MANDOS_TRY(scanner_.number(code == BinGet ? 1 : 4)));
        default:
            return fail(ErrorKind::Unsupported, "the instruction 0x{:02x} is not one that Mandos 1.8 writes",
                        code);
        }
    }

    Result<void> check_protocol() {
        const std::uint32_t protocol = MANDOS_TRY(scanner_.number(1));
        if (protocol > latest_protocol)
            return fail(ErrorKind::Unsupported, "a pickle of protocol {}; Mandos 1.8 writes {}", protocol,
                        latest_protocol);
        return {};
    }

    // Protocol 0 and 1 have booleans as numbers that are written in a way of their own.
    Result<void> push_int_line() {
        const std::string_view line = MANDOS_TRY(scanner_.line());
        if (line == "00" || line == "01")
            return stack_.push(line == "01");
        return push_decimal(line);
    }

    Result<void> push_decimal(std::string_view text) {
        const std::int64_t number = MANDOS_TRY(decimal(text));
        return stack_.push(number);
    }

    Result<std::int64_t> decimal_line() {
        const std::string_view line = MANDOS_TRY(scanner_.line());
        return decimal(line);
    }

    PickleScanner scanner_;
    PickleStack stack_;
    std::optional<PickleIndex> root_;
};

} // namespace

const char* describe(const PickleValue& value) {
    struct Words {
        const char* operator()(const PickleNone&) const { return "None"; }
        const char* operator()(bool) const { return "a boolean"; }
        const char* operator()(std::int64_t) const { return "a number"; }
        const char* operator()(const PickleText&) const { return "a text"; }
        const char* operator()(const PickleBytes&) const { return "bytes"; }
        const char* operator()(const PickleTuple&) const { return "a tuple"; }
        const char* operator()(const PickleList&) const { return "a list"; }
        const char* operator()(const PickleDictionary&) const { return "a dictionary"; }
        const char* operator()(PickleName) const { return "a name"; }
        const char* operator()(PickleTime) const { return "a time"; }
        const char* operator()(PickleSpan) const { return "a time span"; }
    };
    return std::visit(Words{}, value);
}

Result<Pickle> read_pickle(ByteView bytes) {
    return PickleMachine(bytes).run();
}

} // namespace mandos::wire
