// ViTTT's block against the released code: the two inner models, with and without rotary embedding, and their
// linear-attention forms.
#include "engine/linear/vittt_form.h"
#include "engine/ttt/vittt_block.h"
#include "tests/support/golden.h"

#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::GoldenFile;
using test::Tolerance;

constexpr Tolerance tight{2e-5};
constexpr Tolerance loose{1e-4};  // outputs of up to 46

VitttBlock block_of(const GoldenFile& golden, const std::string& name, int64_t heads) {
    const auto param = [&](const char* tensor) { return golden.get(name + ".param." + tensor); };
    return {heads,
            param("qkv.weight"),
            param("qkv.bias"),
            param("proj.weight"),
            param("proj.bias"),
            {param("w1").squeeze(0), param("w2").squeeze(0)},
            param("w3").squeeze(1)};
}

void compare_vittt(GoldenFile& golden, const std::string& prefix, const VitttBlock& block,
                   const VitttInputs& in, int64_t batch) {
    const VitttOutputs out = run_vittt(block, in);
    const auto by_head = [&](const at::Tensor& x) { return x.unflatten(0, {batch, block.heads}); };
    golden.expect_close(prefix + "k1", by_head(in.k), tight);
    golden.expect_close(prefix + "v1", by_head(in.v), tight);
    golden.expect_close(prefix + "k2", in.k2, tight);
    golden.expect_close(prefix + "v2", in.v2, tight);
    golden.expect_close(prefix + "w1", by_head(out.glu.linear), tight);
    golden.expect_close(prefix + "w2", by_head(out.glu.gate), tight);
    golden.expect_close(prefix + "w3", out.conv.flatten(0, 1).unsqueeze(1), tight);
    golden.expect_close(prefix + "x1_glu", out.of_glu, loose);
    golden.expect_close(prefix + "x2_conv", out.of_conv, tight);
    golden.expect_close(prefix + "y", out.y, loose);

    const auto glu_rows = [&](const at::Tensor& o) { return by_head(o).transpose(1, 2).flatten(2); };
    const auto conv_rows = [&](const at::Tensor& o) { return o.flatten(2).transpose(1, 2); };
    const GluForm glu = glu_form(in.glu, in.k, in.v);
    golden.expect_close(prefix + "w2", by_head(glu.gate_after), tight);
    golden.expect_close(prefix + "x1_glu", glu_rows(read_state(glu, in.q)), loose);
    golden.expect_close(prefix + "x1_glu", glu_rows(read_attention(glu, in.q)), loose);
    const ConvForm conv = conv_form(in.conv, in.k2, in.v2);
    golden.expect_close(prefix + "x2_conv", conv_rows(read_state(conv, in.q2)), tight);
    golden.expect_close(prefix + "x2_conv", conv_rows(read_attention(conv, in.q2)), tight);
}

TEST(GoldenVittt, EveryCaseWithAndWithoutRotaryPositions) {
    LACT_GOLDEN(golden, "vittt");
    for (const auto& [name, sizes] : golden.config().items()) {
        SCOPED_TRACE(name);
        const auto size = [&, &known = sizes](const char* key) { return known.at(key).get<int64_t>(); };
        const VitttBlock block = block_of(golden, name, size("heads"));
        const at::Tensor x = golden.get(name + ".in.x");
        const auto rotations = rotary_rotations(size("h"), size("w"), size("dim"), x.options());
        ASSERT_TRUE(rotations.has_value()) << rotations.error().message();
        golden.expect_close(name + ".rope_rotations", *rotations, {2e-6});
        for (const bool rope : {false, true}) {
            const auto in = vittt_inputs(block, x, size("h"), size("w"), rope ? *rotations : at::Tensor());
            ASSERT_TRUE(in.has_value()) << in.error().message();
            compare_vittt(golden, name + (rope ? ".out.rope." : ".out.norope."), block, *in, size("B"));
        }
    }
    golden.finish();
}

}  // namespace
}  // namespace lact
