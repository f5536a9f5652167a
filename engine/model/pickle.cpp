// The pickle virtual machine: https://docs.python.org/3/library/pickletools.html and the comments of
// pickletools.py in CPython.
#include "engine/model/pickle.h"

#include "engine/core/counted.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace lact::pickle {

namespace {

constexpr const char* kRefusedHint =
    "Nothing of the file was executed. Take weights as torch.save writes them, or as .safetensors.";
constexpr const char* kHostileHint =
    "Python would run code here; nothing of the file was executed. Do not load it in Python, and take the "
    "weights from a source that you trust, best as .safetensors.";
constexpr const char* kDamagedHint = "The file is damaged: copy or download it again.";

/// Allowed names. Protocol 2 calls the module of Python's own types __builtin__.
constexpr std::array<std::string_view, 42> kGlobals{"_codecs encode",  // Bytes, in protocol 2.
                                                    "collections OrderedDict",
                                                    "collections defaultdict",
                                                    "torch._tensor _rebuild_from_type_v2",
                                                    "torch._utils _rebuild_parameter_with_state",
                                                    "collections Counter",
                                                    "__builtin__ set",
                                                    "builtins set",
                                                    "__builtin__ frozenset",
                                                    "builtins frozenset",
                                                    "torch Size",
                                                    "torch device",
                                                    "torch._utils _rebuild_tensor_v2",
                                                    "torch._utils _rebuild_parameter",
                                                    "torch DoubleStorage",
                                                    "torch FloatStorage",
                                                    "torch HalfStorage",
                                                    "torch BFloat16Storage",
                                                    "torch LongStorage",
                                                    "torch IntStorage",
                                                    "torch ShortStorage",
                                                    "torch CharStorage",
                                                    "torch ByteStorage",
                                                    "torch BoolStorage",
                                                    "torch UntypedStorage",
                                                    "torch.storage UntypedStorage",
                                                    "torch float64",
                                                    "torch double",
                                                    "torch float32",
                                                    "torch float",
                                                    "torch float16",
                                                    "torch half",
                                                    "torch bfloat16",
                                                    "torch int64",
                                                    "torch long",
                                                    "torch int32",
                                                    "torch int",
                                                    "torch int16",
                                                    "torch short",
                                                    "torch int8",
                                                    "torch uint8",
                                                    "torch bool"};

/// Modules through which Python runs programs or code. No module is ever loaded here: the list only tells an
/// attack from the objects that training scripts store.
constexpr std::array<std::string_view, 47> kForbiddenModules{"os",
                                                             "posix",
                                                             "nt",
                                                             "ntpath",
                                                             "posixpath",
                                                             "subprocess",
                                                             "_posixsubprocess",
                                                             "sys",
                                                             "shutil",
                                                             "pty",
                                                             "commands",
                                                             "popen2",
                                                             "importlib",
                                                             "imp",
                                                             "runpy",
                                                             "ctypes",
                                                             "_ctypes",
                                                             "socket",
                                                             "code",
                                                             "codeop",
                                                             "pdb",
                                                             "bdb",
                                                             "timeit",
                                                             "types",
                                                             "marshal",
                                                             "pickle",
                                                             "_pickle",
                                                             "cPickle",
                                                             "operator",
                                                             "_operator",
                                                             "webbrowser",
                                                             "inspect",
                                                             "http",
                                                             "urllib",
                                                             "requests",
                                                             "tempfile",
                                                             "signal",
                                                             "atexit",
                                                             "site",
                                                             "pip",
                                                             "cProfile",
                                                             "profile",
                                                             "pkgutil",
                                                             "zipimport",
                                                             "asyncio",
                                                             "multiprocessing",
                                                             "torch.hub"};

/// Types of Python itself that hold values only, and `type`, whose result would be a class without code.
/// Everything else of its own modules is refused.
constexpr std::array<std::string_view, 15> kHarmlessTypes{"complex", "slice", "range",  "bytearray", "list",
                                                          "dict",    "tuple", "int",    "float",     "str",
                                                          "bytes",   "bool",  "object", "long",      "type"};

constexpr std::size_t kLongestName = 200;

/// Whether objects of this class may stand in a file of weights, as opaque values.
bool may_be_opaque(std::string_view module, std::string_view name) {
    const auto identifier = [](std::string_view text) {
        return !text.empty() && text.size() <= kLongestName &&
               std::all_of(text.begin(), text.end(), [](unsigned char c) {
                   return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          c == '_' || c == '.' || c >= 0x80;
               });
    };
    if (!identifier(module) || !identifier(name)) {
        return false;
    }
    if (module == "types" && name == "SimpleNamespace") {
        return true;  // Values by names, as argparse's; all else of the module makes code.
    }
    if (module == "builtins" || module == "__builtin__") {
        return std::find(kHarmlessTypes.begin(), kHarmlessTypes.end(), name) != kHarmlessTypes.end();
    }
    return std::none_of(kForbiddenModules.begin(), kForbiddenModules.end(), [&](std::string_view forbidden) {
        return module.starts_with(forbidden) &&
               (module.size() == forbidden.size() || module[forbidden.size()] == '.');
    });
}

/// Runs one pickle. Each opcode is a member function; table() maps opcodes to them.
class Machine {
  public:
    Machine(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

    Result<Document> run();

  private:
    using Step = Result<void> (Machine::*)();
    static std::array<Step, 256> table();

    [[nodiscard]] tl::unexpected<Error> damaged(const std::string& what) const {
        return fail(where_, fmt::format("{} (byte {} of the pickle)", what, at_), kDamagedHint);
    }
    [[nodiscard]] tl::unexpected<Error> refused(const std::string& what) const {
        return fail(where_, fmt::format("{} (byte {} of the pickle)", what, at_), kRefusedHint);
    }

    // Input.
    Result<std::string_view> take(std::uint64_t count);
    Result<std::string_view> take_line();
    /// A little-endian unsigned number of `width` bytes.
    Result<std::uint64_t> number(std::size_t width);
    Result<std::string_view> counted(std::size_t width);

    // Stack.
    Result<void> push(Value value);
    Result<void> push_index(Index index);
    Result<Index> pop();
    /// Removes and returns the values above the last mark, and removes the mark.
    Result<std::vector<Index>> pop_to_mark();
    /// The value at the top of the stack. Errors: empty stack, another kind.
    Result<Value*> top(Kind kind, const char* what);
    /// The same, but null for an opaque value: what is put into it is dropped.
    Result<Value*> filled(Kind kind, const char* what);

    // Opcodes.
    Result<void> proto();
    Result<void> frame();
    Result<void> mark();
    Result<void> pop_top();
    Result<void> pop_mark();
    Result<void> duplicate();
    Result<void> none() { return push({}); }
    Result<void> yes() { return push({.kind = Kind::boolean, .integer = 1, .text = {}, .items = {}}); }
    Result<void> no() { return push({.kind = Kind::boolean, .text = {}, .items = {}}); }
    template <std::size_t Width>
    Result<void> integer();
    template <std::size_t Width>
    Result<void> long_integer();
    Result<void> real();
    template <std::size_t Width, Kind kind>
    Result<void> string();
    template <Kind kind>
    Result<void> empty() {
        return push({.kind = kind, .text = {}, .items = {}});
    }
    template <Kind kind>
    Result<void> from_mark();
    template <std::size_t Count>
    Result<void> short_tuple();
    Result<void> append();
    Result<void> appends();
    Result<void> add_items();
    Result<void> set_item();
    Result<void> set_items();
    Result<void> global();
    Result<void> stack_global();
    Result<void> reduce();
    Result<void> new_object();
    Result<void> new_object_with_keywords();
    Result<void> build();
    Result<void> persistent();
    template <std::size_t Width>
    Result<void> put();
    Result<void> memoize() { return remember(memo_.size()); }
    template <std::size_t Width>
    Result<void> get();

    Result<void> push_global(std::string_view module, std::string_view name);
    Result<void> push_object(Index type, Index arguments, std::string_view opcode);
    Result<void> reduce_container(const std::string& name, const std::vector<Index>& arguments);
    Result<std::vector<Index>> pairs_of(const Value& value);
    Result<void> remember(std::uint64_t slot);

    std::string_view bytes_;
    const std::string& where_;
    std::size_t at_ = 0;
    std::size_t copied_ = 0;
    Document document_;
    std::vector<Index> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint64_t, Index> memo_;
};

Result<std::string_view> Machine::take(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
        return damaged(fmt::format("the pickle ends early: {} expected, {} left",
                                   lact::counted(count, "byte"), bytes_.size() - at_));
    }
    const auto part = bytes_.substr(at_, count);
    at_ += count;
    return part;
}

Result<std::string_view> Machine::take_line() {
    const auto end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) {
        return damaged("the pickle ends inside a name");
    }
    const auto line = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return line;
}

Result<std::uint64_t> Machine::number(std::size_t width) {
    LACT_TRY(const auto part, take(width));
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value |= std::uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
    }
    return value;
}

Result<std::string_view> Machine::counted(std::size_t width) {
    LACT_TRY(const std::uint64_t count, number(width));
    return take(count);
}

Result<void> Machine::push(Value value) {
    if (document_.values.size() >= kMaxValues) {
        return refused(fmt::format("the pickle holds more than {} values", kMaxValues));
    }
    document_.values.push_back(std::move(value));
    return push_index(static_cast<Index>(document_.values.size() - 1));
}

Result<void> Machine::push_index(Index index) {
    if (stack_.size() >= kMaxValues) {
        return refused(fmt::format("the pickle puts more than {} values on its stack", kMaxValues));
    }
    stack_.push_back(index);
    return {};
}

Result<Index> Machine::pop() {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor) {
        return damaged("the pickle takes a value from an empty stack");
    }
    const Index index = stack_.back();
    stack_.pop_back();
    return index;
}

Result<std::vector<Index>> Machine::pop_to_mark() {
    if (marks_.empty()) {
        return damaged("the pickle lacks a mark");
    }
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Index> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
}

Result<Value*> Machine::top(Kind kind, const char* what) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor) {
        return damaged(fmt::format("the pickle changes a {} on an empty stack", what));
    }
    Value& value = document_.values[stack_.back()];
    if (value.kind != kind) {
        return damaged(fmt::format("the pickle treats something else as a {}", what));
    }
    return &value;
}

Result<Value*> Machine::filled(Kind kind, const char* what) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() > floor && document_.at(stack_.back()).kind == Kind::opaque) {
        return nullptr;
    }
    return top(kind, what);
}

Result<void> Machine::proto() {
    LACT_TRY(const std::uint64_t version, number(1));
    if (version < 2 || version > 5) {
        return refused(fmt::format("pickle protocol {} is not known (2 to 5 are)", version));
    }
    return {};
}

/// Frames help readers of streams only; here all bytes are in memory.
Result<void> Machine::frame() {
    LACT_TRY(const std::uint64_t length, number(8));
    return length <= bytes_.size() - at_ ? Result<void>{} : damaged("a frame is longer than the pickle");
}

Result<void> Machine::mark() {
    if (marks_.size() >= kMaxValues) {
        return refused(fmt::format("the pickle sets more than {} marks", kMaxValues));
    }
    marks_.push_back(stack_.size());
    return {};
}

Result<void> Machine::pop_top() {
    // As in Python, a mark at the top is what is popped.
    if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
        return {};
    }
    LACT_CHECK(pop());
    return {};
}

Result<void> Machine::pop_mark() {
    LACT_CHECK(pop_to_mark());
    return {};
}

Result<void> Machine::duplicate() {
    LACT_TRY(const Index index, pop());
    LACT_CHECK(push_index(index));
    return push_index(index);
}

/// Integers of one and two bytes are unsigned, those of four bytes are signed.
template <std::size_t Width>
Result<void> Machine::integer() {
    LACT_TRY(const std::uint64_t value, number(Width));
    const auto narrow = static_cast<std::uint32_t>(value);
    const std::int64_t wide = Width == 4 ? std::bit_cast<std::int32_t>(narrow) : std::int64_t{narrow};
    return push({.kind = Kind::integer, .integer = wide, .text = {}, .items = {}});
}

/// Two's complement of any length.
template <std::size_t Width>
Result<void> Machine::long_integer() {
    LACT_TRY(const auto digits, counted(Width));
    if (digits.size() > sizeof(std::int64_t)) {
        return push({.kind = Kind::huge_integer, .text = {}, .items = {}});
    }
    const bool negative = !digits.empty() && (static_cast<unsigned char>(digits.back()) & 0x80U) != 0;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = digits.size(); i > 0; --i) {
        value = (value << 8U) | static_cast<unsigned char>(digits[i - 1]);
    }
    return push(
        {.kind = Kind::integer, .integer = std::bit_cast<std::int64_t>(value), .text = {}, .items = {}});
}

/// The one big-endian number of the format.
Result<void> Machine::real() {
    LACT_TRY(const auto part, take(sizeof(double)));
    std::uint64_t bits = 0;
    for (const char byte : part) {
        bits = (bits << 8U) | static_cast<unsigned char>(byte);
    }
    return push({.kind = Kind::real, .real = std::bit_cast<double>(bits), .text = {}, .items = {}});
}

template <std::size_t Width, Kind kind>
Result<void> Machine::string() {
    LACT_TRY(const auto part, counted(Width));
    return push({.kind = kind, .text = std::string(part), .items = {}});
}

template <Kind kind>
Result<void> Machine::from_mark() {
    LACT_TRY(auto items, pop_to_mark());
    if (kind == Kind::dict && items.size() % 2 != 0) {
        return damaged("a dictionary has a key without a value");
    }
    return push({.kind = kind, .text = {}, .items = std::move(items)});
}

template <std::size_t Count>
Result<void> Machine::short_tuple() {
    std::vector<Index> items(Count);
    for (std::size_t i = Count; i > 0; --i) {
        LACT_TRY(items[i - 1], pop());
    }
    return push({.kind = Kind::tuple, .text = {}, .items = std::move(items)});
}

Result<void> Machine::append() {
    LACT_TRY(const Index item, pop());
    LACT_TRY(Value * list, filled(Kind::list, "list"));
    if (list != nullptr) {
        list->items.push_back(item);
    }
    return {};
}

Result<void> Machine::appends() {
    LACT_TRY(const auto items, pop_to_mark());
    LACT_TRY(Value * list, filled(Kind::list, "list"));
    if (list != nullptr) {
        list->items.insert(list->items.end(), items.begin(), items.end());
    }
    return {};
}

Result<void> Machine::add_items() {
    LACT_TRY(const auto items, pop_to_mark());
    LACT_TRY(Value * set, filled(Kind::set, "set"));
    if (set != nullptr) {
        set->items.insert(set->items.end(), items.begin(), items.end());
    }
    return {};
}

Result<void> Machine::set_item() {
    LACT_TRY(const Index value, pop());
    LACT_TRY(const Index key, pop());
    LACT_TRY(Value * dict, filled(Kind::dict, "dictionary"));
    if (dict != nullptr) {
        dict->items.insert(dict->items.end(), {key, value});
    }
    return {};
}

Result<void> Machine::set_items() {
    LACT_TRY(const auto items, pop_to_mark());
    if (items.size() % 2 != 0) {
        return damaged("a dictionary has a key without a value");
    }
    LACT_TRY(Value * dict, filled(Kind::dict, "dictionary"));
    if (dict != nullptr) {
        dict->items.insert(dict->items.end(), items.begin(), items.end());
    }
    return {};
}

Result<void> Machine::push_global(std::string_view module, std::string_view name) {
    const bool short_enough = module.size() <= kLongestName && name.size() <= kLongestName;
    std::string both = short_enough ? fmt::format("{} {}", module, name) : std::string();
    if (std::find(kGlobals.begin(), kGlobals.end(), both) != kGlobals.end()) {
        return push({.kind = Kind::global, .text = std::move(both), .items = {}});
    }
    if (!may_be_opaque(module, name)) {
        std::string text = fmt::format("{}.{}", module.substr(0, kLongestName), name.substr(0, kLongestName));
        std::replace(text.begin(), text.end(), ' ', '.');
        return fail(where_,
                    fmt::format("the pickle uses \"{}\", which is not allowed (byte {} of the pickle)",
                                shown(text), at_),
                    kHostileHint);
    }
    return push({.kind = Kind::opaque, .text = std::move(both), .items = {}});
}

Result<void> Machine::global() {
    LACT_TRY(const auto module, take_line());
    LACT_TRY(const auto name, take_line());
    return push_global(module, name);
}

Result<void> Machine::stack_global() {
    LACT_TRY(const Index name, pop());
    LACT_TRY(const Index module, pop());
    if (document_.at(name).kind != Kind::text || document_.at(module).kind != Kind::text) {
        return damaged("a name of the pickle is not a string");
    }
    return push_global(document_.at(module).text, document_.at(name).text);
}

Result<void> Machine::reduce() {
    LACT_TRY(const Index arguments, pop());
    LACT_TRY(const Index callee, pop());
    if (document_.at(callee).kind == Kind::opaque && document_.at(arguments).kind == Kind::tuple) {
        return push({.kind = Kind::opaque, .text = {}, .items = {callee}});
    }
    if (document_.at(callee).kind != Kind::global || document_.at(arguments).kind != Kind::tuple) {
        return refused("the pickle calls something other than a known name");
    }
    const std::string name = document_.at(callee).text;
    if (name.starts_with("torch._utils ") || name.starts_with("torch._tensor ") || name == "torch device" ||
        name == "_codecs encode") {
        return push({.kind = Kind::call, .text = {}, .items = {callee, arguments}});
    }
    return reduce_container(name, document_.at(arguments).items);
}

/// An object of a class that is not known. Those that are known are written by other opcodes.
Result<void> Machine::push_object(Index type, Index arguments, std::string_view opcode) {
    if (document_.at(type).kind != Kind::opaque || document_.at(arguments).kind != Kind::tuple) {
        return refused(fmt::format("the pickle uses opcode {} on something other than a class", opcode));
    }
    return push({.kind = Kind::opaque, .text = {}, .items = {type}});
}

Result<void> Machine::new_object() {
    LACT_TRY(const Index arguments, pop());
    LACT_TRY(const Index type, pop());
    return push_object(type, arguments, "0x81");
}

Result<void> Machine::new_object_with_keywords() {
    LACT_CHECK(pop());
    LACT_TRY(const Index arguments, pop());
    LACT_TRY(const Index type, pop());
    return push_object(type, arguments, "0x92");
}

/// Containers that pickle writes as a call without arguments, or with one list of the elements.
Result<void> Machine::reduce_container(const std::string& name, const std::vector<Index>& arguments) {
    const bool mapping = name.starts_with("collections ");
    if (!mapping && !name.ends_with("set") && name != "torch Size") {
        return refused(fmt::format("the pickle calls \"{}\", which is not a constructor", name));
    }
    Value made{.kind = mapping                ? Kind::dict
                       : name == "torch Size" ? Kind::tuple
                                              : Kind::set,
               .text = {},
               .items = {}};
    if (name == "collections defaultdict") {
        return push(std::move(made));  // Its argument makes missing values.
    }
    if (arguments.size() > 1) {
        return damaged(fmt::format("\"{}\" is called with {} arguments", name, arguments.size()));
    }
    if (!arguments.empty()) {
        const Value& source = document_.at(arguments[0]);
        if (mapping) {
            LACT_TRY(made.items, pairs_of(source));
        } else if (source.kind == Kind::list || source.kind == Kind::tuple) {
            made.items = source.items;
        } else {
            return damaged(fmt::format("\"{}\" is called with something other than a list", name));
        }
    }
    // This opcode copies. Without a limit a few bytes could copy a long list again and again.
    copied_ += made.items.size();
    if (copied_ > kMaxValues) {
        return refused(fmt::format("the pickle copies more than {} values", kMaxValues));
    }
    return push(std::move(made));
}

/// Keys and values of a dict or of a list of pairs, alternating.
Result<std::vector<Index>> Machine::pairs_of(const Value& value) {
    if (value.kind == Kind::dict) {
        return value.items;
    }
    std::vector<Index> items;
    for (const Index index : value.items) {
        const Value& pair = document_.at(index);
        if ((pair.kind != Kind::tuple && pair.kind != Kind::list) || pair.items.size() != 2) {
            return damaged("a dictionary is made of something other than pairs");
        }
        items.insert(items.end(), pair.items.begin(), pair.items.end());
    }
    return items;
}

/// The state of an object: the `_metadata` of a state dict, which the weights do not need, or the contents of
/// an opaque value.
Result<void> Machine::build() {
    LACT_CHECK(pop());
    if (!filled(Kind::dict, "dictionary")) {
        return refused("the pickle sets the state of an object that is not a dictionary");
    }
    return {};
}

Result<void> Machine::persistent() {
    LACT_TRY(const Index id, pop());
    return push({.kind = Kind::persistent, .text = {}, .items = {id}});
}

Result<void> Machine::remember(std::uint64_t slot) {
    if (memo_.size() >= kMaxValues) {
        return refused(fmt::format("the pickle memoizes more than {} values", kMaxValues));
    }
    LACT_TRY(const Index index, pop());
    memo_[slot] = index;
    return push_index(index);
}

template <std::size_t Width>
Result<void> Machine::put() {
    LACT_TRY(const std::uint64_t slot, number(Width));
    return remember(slot);
}

template <std::size_t Width>
Result<void> Machine::get() {
    LACT_TRY(const std::uint64_t slot, number(Width));
    const auto found = memo_.find(slot);
    if (found == memo_.end()) {
        return damaged(fmt::format("the pickle reads memo {}, which it never stored", slot));
    }
    return push_index(found->second);
}

std::array<Machine::Step, 256> Machine::table() {
    std::array<Step, 256> steps{};
    const auto set = [&steps](int code, Step step) { steps.at(static_cast<std::size_t>(code)) = step; };
    set(0x80, &Machine::proto);
    set(0x95, &Machine::frame);
    set('(', &Machine::mark);
    set('0', &Machine::pop_top);
    set('1', &Machine::pop_mark);
    set('2', &Machine::duplicate);
    set('N', &Machine::none);
    set(0x88, &Machine::yes);
    set(0x89, &Machine::no);
    set('K', &Machine::integer<1>);
    set('M', &Machine::integer<2>);
    set('J', &Machine::integer<4>);
    set(0x8a, &Machine::long_integer<1>);
    set(0x8b, &Machine::long_integer<4>);
    set('G', &Machine::real);
    set(0x8c, &Machine::string<1, Kind::text>);
    set('X', &Machine::string<4, Kind::text>);
    set(0x8d, &Machine::string<8, Kind::text>);
    set('U', &Machine::string<1, Kind::text>);  // Strings of Python 2.
    set('T', &Machine::string<4, Kind::text>);
    set('C', &Machine::string<1, Kind::bytes>);
    set('B', &Machine::string<4, Kind::bytes>);
    set(0x8e, &Machine::string<8, Kind::bytes>);
    set(0x96, &Machine::string<8, Kind::bytes>);  // A bytearray.
    set(')', &Machine::empty<Kind::tuple>);
    set(']', &Machine::empty<Kind::list>);
    set('}', &Machine::empty<Kind::dict>);
    set(0x8f, &Machine::empty<Kind::set>);
    set('t', &Machine::from_mark<Kind::tuple>);
    set('l', &Machine::from_mark<Kind::list>);
    set('d', &Machine::from_mark<Kind::dict>);
    set(0x91, &Machine::from_mark<Kind::set>);
    set(0x85, &Machine::short_tuple<1>);
    set(0x86, &Machine::short_tuple<2>);
    set(0x87, &Machine::short_tuple<3>);
    set('a', &Machine::append);
    set('e', &Machine::appends);
    set(0x90, &Machine::add_items);
    set('s', &Machine::set_item);
    set('u', &Machine::set_items);
    set('c', &Machine::global);
    set(0x93, &Machine::stack_global);
    set('R', &Machine::reduce);
    set(0x81, &Machine::new_object);
    set(0x92, &Machine::new_object_with_keywords);
    set('b', &Machine::build);
    set('Q', &Machine::persistent);
    set('q', &Machine::put<1>);
    set('r', &Machine::put<4>);
    set(0x94, &Machine::memoize);
    set('h', &Machine::get<1>);
    set('j', &Machine::get<4>);
    return steps;
}

Result<Document> Machine::run() {
    static const std::array<Step, 256> steps = table();
    if (bytes_.size() > kMaxBytes) {
        return refused(fmt::format("the pickle has {} bytes, at most {} are read", bytes_.size(), kMaxBytes));
    }
    if (bytes_.empty() || static_cast<unsigned char>(bytes_[0]) != 0x80) {
        return refused("the pickle does not begin with its protocol: it is older than protocol 2");
    }
    while (true) {
        LACT_TRY(const std::uint64_t code, number(1));
        if (code == '.') {
            LACT_TRY(document_.root, pop());
            return std::move(document_);
        }
        const Step step = steps.at(code);
        if (step == nullptr) {
            return refused(
                fmt::format("the pickle uses opcode {:#04x}, which torch.save does not write", code));
        }
        LACT_CHECK((this->*step)());
    }
}

}  // namespace

Result<Document> decode(std::string_view bytes, const std::string& where) {
    return Machine(bytes, where).run();
}

const Value* Document::find(const Value& dict, std::string_view key) const {
    const Value* found = nullptr;
    if (dict.kind == Kind::dict) {
        for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
            const Value& candidate = at(dict.items[i]);
            if (candidate.kind == Kind::text && candidate.text == key) {
                found = &at(dict.items[i + 1]);
            }
        }
    }
    return found;
}

std::string Document::class_of(const Value& value) const {
    const Value* type = &value;
    // An object's class may itself be made by a call; a cycle is cut short.
    for (int step = 0; step < 8 && type->kind == Kind::opaque && !type->items.empty(); ++step) {
        type = &at(type->items[0]);
    }
    std::string name = type->kind == Kind::opaque ? type->text : std::string();
    std::replace(name.begin(), name.end(), ' ', '.');
    return name;
}

std::string shown(std::string_view text) {
    constexpr std::size_t longest = 100;
    std::string result(text.substr(0, longest));
    std::replace_if(
        result.begin(), result.end(), [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    return text.size() > longest ? result + "..." : result;
}

}  // namespace lact::pickle
