#include "engine/model/pickle.h"

#include "tests/support/pickle_text.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace lact::pickle {
namespace {

using namespace test::pickled;
using namespace std::string_literals;

Document decoded(const std::string& bytes) {
    auto document = decode(bytes, "x.pt");
    EXPECT_TRUE(document.has_value()) << document.error().message();
    return document ? std::move(*document) : Document{{Value{}}, 0};
}

TEST(Pickle, NumbersOfEveryWidth) {
    struct Case {
        std::string code;
        std::int64_t value;
    };
    for (const auto& [code, value] :
         {Case{"K\xff"s, 255}, Case{"M\xff\xff"s, 65535}, Case{"J\xfe\xff\xff\xff"s, -2},
          Case{"J\x00\x00\x00\x40"s, 1 << 30}, Case{"\x8a\x00"s, 0}, Case{"\x8a\x01\xff"s, -1},
          Case{"\x8a\x02\xff\x00"s, 255}, Case{"\x8b\x02\x00\x00\x00\x00\x80"s, -32768},
          Case{integer(INT64_MIN), INT64_MIN}}) {
        const Document document = decoded(whole(code));
        EXPECT_EQ(document.at(document.root).kind, Kind::integer);
        EXPECT_EQ(document.at(document.root).integer, value);
    }
    const Document real = decoded(whole("G\x3f\xf8\x00\x00\x00\x00\x00\x00"s));
    EXPECT_EQ(real.at(real.root).real, 1.5);
    const Document huge = decoded(whole("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01"s));
    EXPECT_EQ(huge.at(huge.root).kind, Kind::huge_integer);
}

TEST(Pickle, TextsTruthAndNothing) {
    for (const auto& code :
         {"X\x02\0\0\0hi"s, "\x8c\x02hi"s, "\x8d\x02\0\0\0\0\0\0\0hi"s, "U\x02hi"s, "T\x02\0\0\0hi"s}) {
        const Document document = decoded(whole(code));
        EXPECT_EQ(document.at(document.root).kind, Kind::text);
        EXPECT_EQ(document.at(document.root).text, "hi");
    }
    for (const auto& code :
         {"C\x02hi"s, "B\x02\0\0\0hi"s, "\x8e\x02\0\0\0\0\0\0\0hi"s, "\x96\x02\0\0\0\0\0\0\0hi"s}) {
        const Document document = decoded(whole(code));
        EXPECT_EQ(document.at(document.root).kind, Kind::bytes);
    }
    EXPECT_EQ(decoded(whole("\x88")).at(0).integer, 1);
    EXPECT_EQ(decoded(whole("\x89")).at(0).integer, 0);
    EXPECT_EQ(decoded(whole("N")).at(0).kind, Kind::none);
}

TEST(Pickle, ContainersOfEveryMaking) {
    struct Case {
        std::string code;
        Kind kind;
        std::size_t items;
    };
    for (const auto& [code, kind, items] :
         {Case{")"s, Kind::tuple, 0}, Case{"K\x01\x85"s, Kind::tuple, 1},
          Case{"K\x01K\x02\x86"s, Kind::tuple, 2}, Case{"K\x01K\x02K\x03\x87"s, Kind::tuple, 3},
          Case{"(K\x01K\x02t"s, Kind::tuple, 2}, Case{"]"s, Kind::list, 0},
          Case{"](K\x01K\x02"s + "e", Kind::list, 2}, Case{"]K\x01"s + "a", Kind::list, 1},
          Case{"(K\x01l"s, Kind::list, 1}, Case{"}"s, Kind::dict, 0}, Case{"}K\x01K\x02s"s, Kind::dict, 2},
          Case{"}(K\x01K\x02u"s, Kind::dict, 2}, Case{"(K\x01K\x02"s + "d", Kind::dict, 2},
          Case{"\x8f(K\x01\x90"s, Kind::set, 1}, Case{"(K\x01\x91"s, Kind::set, 1},
          Case{global("builtins", "set") + "](K\x01K\x02" + "e\x85R", Kind::set, 2},
          Case{global("__builtin__", "frozenset") + "](K\x01K\x02" + "e\x85R", Kind::set, 2},
          Case{global("torch", "Size") + tuple({3, 4}) + "\x85R", Kind::tuple, 2},
          Case{global("collections", "OrderedDict") + ")R", Kind::dict, 0},
          Case{global("collections", "OrderedDict") + "]" + tuple({1, 2}) + "a\x85R", Kind::dict, 2},
          Case{global("collections", "Counter") + "}K\x01K\x02s\x85R", Kind::dict, 2},
          // State of an OrderedDict is dropped; the values popped from the stack are too.
          Case{global("collections", "OrderedDict") + ")R}" + text("_metadata") + "}sb", Kind::dict, 0},
          Case{"]K\x01"s + "0", Kind::list, 0}, Case{"](K\x01K\x02"s + "1", Kind::list, 0},
          Case{"](0"s, Kind::list, 0}, Case{"]2a"s, Kind::list, 1}}) {
        const Document document = decoded(whole(code));
        EXPECT_EQ(document.at(document.root).kind, kind) << testing::PrintToString(code);
        EXPECT_EQ(document.at(document.root).items.size(), items) << testing::PrintToString(code);
    }
}

TEST(Pickle, HarmlessCallsAreKeptAsSuch) {
    for (const auto& code : {global("_codecs", "encode") + "(" + text("x") + text("latin1") + "tR",
                             global("torch", "device") + text("cuda:0") + "\x85R", tensor({})}) {
        const Document document = decoded(whole(code));
        EXPECT_EQ(document.at(document.root).kind, Kind::call);
    }
    EXPECT_EQ(decoded(whole(global("torch", "float16"))).at(0).kind, Kind::global);
}

/// What training scripts store beside the weights, as Python pickles it.
struct OpaqueCase {
    const char* what;
    std::string code;
    const char* type;
    friend void PrintTo(const OpaqueCase& opaque, std::ostream* out) { *out << opaque.what; }
};
class OpaqueValue : public testing::TestWithParam<OpaqueCase> {};

TEST_P(OpaqueValue, IsKeptAsAClassNameAndNothingElse) {
    const Document document = decoded(whole("K\x07" + GetParam().code + "\x86"));
    const Value& pair = document.at(document.root);
    ASSERT_EQ(pair.items.size(), 2U) << "the stack is as Python leaves it";
    const Value& value = document.at(pair.items[1]);
    EXPECT_EQ(value.kind, Kind::opaque);
    EXPECT_EQ(document.class_of(value), GetParam().type);
    EXPECT_EQ(document.at(pair.items[0]).integer, 7);
}

INSTANTIATE_TEST_SUITE_P(
    All, OpaqueValue,
    testing::Values(
        OpaqueCase{"Class", global("torch.optim.adamw", "AdamW"), "torch.optim.adamw.AdamW"},
        OpaqueCase{"StackGlobal",
                   "\x8c\x08__main__\x8c\x04"
                   "Args\x93",
                   "__main__.Args"},
        OpaqueCase{"Namespace", global("argparse", "Namespace") + ")\x81}" + text("lr") + integer(1) + "sb",
                   "argparse.Namespace"},
        OpaqueCase{"Dataclass", global("train", "Config") + ")}\x92}b", "train.Config"},
        OpaqueCase{"NumPyScalar",
                   global("numpy.core.multiarray", "scalar") + global("numpy", "dtype") + text("f8") +
                       "\x89\x88\x87R(K\x03" + text("<") + "NNNtbC\x08" + std::string(8, 'x') + "\x86R",
                   "numpy.core.multiarray.scalar"},
        OpaqueCase{"NumPyArray",
                   global("numpy._core.multiarray", "_reconstruct") + global("numpy", "ndarray") +
                       "K\x01\x85" + "C\x01" + "b\x87R(K\x01K\x02\x85Ntb",
                   "numpy._core.multiarray._reconstruct"},
        OpaqueCase{"Datetime", global("datetime", "datetime") + "C\x0a" + std::string(10, 'x') + "\x85R",
                   "datetime.datetime"},
        OpaqueCase{"Path", global("pathlib", "PosixPath") + text("/") + "\x85R", "pathlib.PosixPath"},
        OpaqueCase{"OmegaConf",
                   global("omegaconf.dictconfig", "DictConfig") + ")\x81}" + text("_content") + "}sb",
                   "omegaconf.dictconfig.DictConfig"},
        OpaqueCase{"ListSubclass", global("my", "List") + ")\x81(K\x01K\x02" + "eK\x03" + "a", "my.List"},
        OpaqueCase{"DictSubclass", global("my", "Dict") + ")R(K\x01K\x02uK\x03K\x04s", "my.Dict"},
        OpaqueCase{"SetSubclass", global("my", "Set") + ")\x81(K\x01\x90", "my.Set"},
        OpaqueCase{"SimpleNamespace",
                   global("types", "SimpleNamespace") + ")R}" + text("lr") + integer(1) + "sb",
                   "types.SimpleNamespace"},
        OpaqueCase{"TypeOfAType", global("builtins", "type"), "builtins.type"},
        OpaqueCase{"TypeOfPython2", global("__builtin__", "type"), "__builtin__.type"},
        OpaqueCase{"MadeClass", global("builtins", "type") + text("A") + ")}\x87R", "builtins.type"},
        OpaqueCase{"Complex", global("builtins", "complex") + "K\x01K\x02\x86R", "builtins.complex"}),
    [](const auto& test) { return test.param.what; });

TEST(Pickle, DefaultdictIsADictionary) {
    const Document document = decoded(whole(global("collections", "defaultdict") +
                                            global("__builtin__", "dict") + "\x85R" + text("a") + "K\x01s"));
    EXPECT_EQ(document.find(document.at(document.root), "a")->integer, 1);
}

/// Whatever the module: names through which Python runs programs or code are refused, by either opcode.
TEST(Pickle, NamesThatRunCodeAreRefused) {
    for (const auto& [module, name] :
         std::initializer_list<std::pair<const char*, const char*>>{{"os", "popen"},
                                                                    {"os.path", "join"},
                                                                    {"nt", "system"},
                                                                    {"subprocess", "Popen"},
                                                                    {"sys", "exit"},
                                                                    {"shutil", "rmtree"},
                                                                    {"importlib", "import_module"},
                                                                    {"importlib.util", "find_spec"},
                                                                    {"runpy", "run_path"},
                                                                    {"ctypes", "CDLL"},
                                                                    {"types", "FunctionType"},
                                                                    {"types", "CodeType"},
                                                                    {"types.x", "SimpleNamespace"},
                                                                    {"operator", "attrgetter"},
                                                                    {"pickle", "loads"},
                                                                    {"marshal", "loads"},
                                                                    {"torch.hub", "load"},
                                                                    {"builtins", "exec"},
                                                                    {"builtins", "__import__"},
                                                                    {"builtins", "open"},
                                                                    {"__builtin__", "apply"},
                                                                    {"", "x"},
                                                                    {"a b", "x"},
                                                                    {"x", ""},
                                                                    {"x;y", "z"}}) {
        for (const std::string& bytes :
             {whole(global(module, name)), whole(text(module) + text(name) + "\x93")}) {
            const auto document = decode(bytes, "x.pt");
            ASSERT_FALSE(document.has_value()) << module << "." << name;
            EXPECT_NE(document.error().what.find("not allowed"), std::string::npos) << document.error().what;
        }
    }
    EXPECT_FALSE(decode(whole(global(std::string(201, 'a'), "x")), "x.pt").has_value());
    EXPECT_TRUE(decode(whole(global("osmosis", "x")), "x.pt").has_value()) << "only whole words count";
}

TEST(Pickle, MemoAndFramesOfProtocolFour) {
    const Document document =
        decoded("\x80\x04\x95\x0d\0\0\0\0\0\0\0]\x94(K\x07\x94h\x01h\x00j\x01\0\0\0e."s);
    const Value& list = document.at(document.root);
    ASSERT_EQ(list.items.size(), 4U);
    EXPECT_EQ(document.at(list.items[1]).integer, 7);
    EXPECT_EQ(list.items[2], document.root) << "a list may hold itself";
    const Document old = decoded(whole("](K\x05q\x09r\x01\x01\0\0h\x09j\x01\x01\0\0e"s));
    EXPECT_EQ(old.at(old.root).items.size(), 3U);
}

TEST(Pickle, DictionaryKeysAreFoundAndTheLastOneCounts) {
    const Document document = decoded(whole(dict({{"a", integer(1)}, {"b", integer(2)}, {"a", integer(3)}})));
    EXPECT_EQ(document.find(document.at(document.root), "a")->integer, 3);
    EXPECT_EQ(document.find(document.at(document.root), "c"), nullptr);
}

struct PickleCase {
    const char* what;
    std::string bytes;
    const char* message;
    friend void PrintTo(const PickleCase& bad, std::ostream* out) { *out << bad.what; }
};
class BadPickle : public testing::TestWithParam<PickleCase> {};

TEST_P(BadPickle, IsRefusedWithItsReason) {
    const auto document = decode(GetParam().bytes, "x.pt");
    ASSERT_FALSE(document.has_value());
    EXPECT_EQ(document.error().where, "x.pt");
    EXPECT_NE(document.error().what.find(GetParam().message), std::string::npos) << document.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPickle,
    testing::Values(
        // What a hostile file would run: os.system("true").
        PickleCase{"OsSystem", whole(global("os", "system") + text("true") + "\x85R"),
                   "\"os.system\", which is not allowed"},
        PickleCase{"PosixSystem", whole(global("posix", "system") + text("true") + "\x85R"),
                   "\"posix.system\""},
        PickleCase{"Eval", whole(global("builtins", "eval") + text("1") + "\x85R"), "\"builtins.eval\""},
        PickleCase{"Getattr", whole(global("__builtin__", "getattr")), "\"__builtin__.getattr\""},
        PickleCase{"StackGlobal", "\x80\x04\x8c\x02os\x8c\x06system\x93."s, "\"os.system\""},
        PickleCase{"NameWithControlLetters", whole("co\x1b[2Js\nsystem\n"), "\"o?[2Js.system\""},
        PickleCase{"SpaceInModule", whole(global("torch Size", "x")), "not allowed"},
        PickleCase{"Inst", whole("(ios\nsystem\n"), "opcode 0x69"},
        PickleCase{"Obj", whole(joined({"(", global("torch", "Size"), "o"})), "0x6f"},
        PickleCase{"NewObj", whole(global("torch", "Size") + ")\x81"), "0x81"},
        PickleCase{"NewObjEx", whole(global("torch", "Size") + ")}\x92"), "0x92"},
        PickleCase{"Extension", whole("\x82\x01"), "0x82"},
        PickleCase{"TextPersistentId", whole("Pabc\n"), "0x50"},
        PickleCase{"NextBuffer", whole("\x97"), "0x97"},
        PickleCase{"CallOfANumber", whole("K\x01)R"), "other than a known name"},
        PickleCase{"CallWithoutTuple", whole(global("torch", "Size") + "]R"), "other than a known name"},
        PickleCase{"CallOfAType", whole(global("torch", "FloatStorage") + ")R"), "not a constructor"},
        PickleCase{"SizeOfANumber", whole(global("torch", "Size") + "K\x01\x85R"), "other than a list"},
        PickleCase{"SizeOfTwo", whole(global("torch", "Size") + "))\x86R"), "2 arguments"},
        PickleCase{"OrderedDictOfNumbers", whole(global("collections", "OrderedDict") + "]K\x01" + "a\x85R"),
                   "other than pairs"},
        PickleCase{"StateOfAList", whole("]}b"), "not a dictionary"},
        PickleCase{"StateOfNothing", whole("}b"), "not a dictionary"}, PickleCase{"Empty", "", "protocol"},
        PickleCase{"ProtocolZero", "I1\n.", "protocol"},
        PickleCase{"ProtocolOne", "\x80\x01N."s, "protocol 1"},
        PickleCase{"ProtocolNine", "\x80\x09N."s, "protocol 9"},
        PickleCase{"NoStop", "\x80\x02N"s, "ends early"},
        PickleCase{"NothingToReturn", whole(""), "empty stack"},
        PickleCase{"MarkOnly", whole("("), "empty stack"},
        PickleCase{"PopBelowTheMark", whole("N(\x85"), "empty stack"},
        PickleCase{"NoMark", whole("Nt"), "lacks a mark"},
        PickleCase{"TextBeyondTheEnd", whole("X\xff\xff\xff\xffhi"), "ends early"},
        PickleCase{"LongTextBeyondTheEnd", whole("\x8d" + std::string(8, '\xff')), "ends early"},
        PickleCase{"FrameBeyondTheEnd", whole("\x95" + std::string(8, '\xff')), "frame"},
        PickleCase{"NameWithoutEnd", whole("cos"), "inside a name"},
        PickleCase{"NameOfNumbers", whole("K\x01K\x02\x93"), "not a string"},
        PickleCase{"RecallOfNothing", whole("h\x07"), "never stored"},
        PickleCase{"AppendToADict", whole("}N" + "a"s), "as a list"},
        PickleCase{"AppendToNothing", whole("Na"), "empty stack"},
        PickleCase{"ItemsOfAList", whole("](NNu"), "as a dictionary"},
        PickleCase{"OddItems", whole("}(NNNu"), "without a value"},
        PickleCase{"OddDict", whole("(N" + "d"s), "without a value"},
        PickleCase{"AddToAList", whole("](N\x90"), "as a set"}),
    [](const auto& test) { return test.param.what; });

TEST(Pickle, SizeIsBounded) {
    const auto values = decode("\x80\x02(" + std::string(kMaxValues + 1, 'N') + "t.", "x.pt");
    ASSERT_FALSE(values.has_value());
    EXPECT_NE(values.error().what.find("values"), std::string::npos);
    const auto stack = decode("\x80\x02N(" + std::string(kMaxValues + 1, '2') + "t.", "x.pt");
    EXPECT_FALSE(stack.has_value());
    const auto marks = decode("\x80\x02" + std::string(kMaxValues + 1, '(') + "t.", "x.pt");
    ASSERT_FALSE(marks.has_value());
    EXPECT_NE(marks.error().what.find("marks"), std::string::npos);
    const auto bytes = decode(std::string(kMaxBytes + 1, '\x80'), "x.pt");
    ASSERT_FALSE(bytes.has_value());
    EXPECT_NE(bytes.error().what.find("bytes"), std::string::npos);
}

TEST(Pickle, CopiesOfOneListAreBounded) {
    // One list of 10,000 numbers, made into a set again and again.
    std::string body = "](";
    for (int i = 0; i < 10'000; ++i) {
        body += "K\x01";
    }
    body += "eq\x01";
    for (int i = 0; i < 1'000; ++i) {
        body += global("builtins", "set") + "h\x01\x85R";
    }
    const auto document = decode(whole(body), "x.pt");
    ASSERT_FALSE(document.has_value());
    EXPECT_NE(document.error().what.find("copies"), std::string::npos);
}

TEST(Pickle, DeepNestingNeedsNoRecursion) {
    std::string body(500'000, ']');
    body += std::string(499'999, 'a');
    EXPECT_TRUE(decode(whole(body), "x.pt").has_value());
}

}  // namespace
}  // namespace lact::pickle
