// The forward and backward pass of kilophone_training.model.Llama, AdamW and greedy decoding, on
// packed batches: the words of a batch lie one behind the other, without padding. Matrix products
// take bfloat16 and sum in float32 (AMX tiles or AVX-512's products of pairs where the processor has
// them, vectors of eight elsewhere); all else is float32. The interface is that of kilophone_training/native.py.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#if defined(__AVX512BW__) && defined(__AVX512BF16__)
#define HAS_AVX512 1
#include <immintrin.h>
#else
#define HAS_AVX512 0
#endif
#if defined(__AMX_BF16__) && HAS_AVX512
#define HAS_AMX 1
#include <sys/syscall.h>
#include <unistd.h>
#else
#define HAS_AMX 0
#endif

namespace {

using bf16 = uint16_t;
constexpr int TILE = 16;     // rows and columns of a tile of results
constexpr int DEPTH = 32;    // bfloat16 values of a tile's row: the depth of one product
constexpr int BLOCK = 32;    // sizes of matrices are multiples of it: 2 x 2 tiles
constexpr int TOP = 8;       // soft labels of a step
constexpr int PIECE = 700;   // tokens that a thread takes through the layers at once
constexpr int LANES = 16;

typedef float Lanes __attribute__((vector_size(64), aligned(4)));

int up(int n, int to) { return (n + to - 1) / to * to; }

float* floats(std::vector<float>& v, size_t n) {
    if (v.size() < n) v.resize(n);
    return v.data();
}
bf16* halves(std::vector<bf16>& v, size_t n) {
    if (v.size() < n) v.resize(n);
    return v.data();
}

inline bf16 narrow(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return static_cast<bf16>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
inline float widen(bf16 x) {
    uint32_t bits = static_cast<uint32_t>(x) << 16;
    float y;
    memcpy(&y, &bits, 4);
    return y;
}
void narrow(const float* x, bf16* y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = narrow(x[i]);
}

// ------------------------------------------------------------------------------------ products
//
// A tile of the left operand is 16 rows x 32 values; one of the right operand 16 pairs of the depth
// x 16 columns x 2. Packed operands hold the tiles of a row of tiles one behind the other.

struct Left {
    const bf16* data;
    size_t row_step;   // values from one row of tiles to the next
    size_t depth_step; // from one tile to the next of the same rows
    size_t stride;     // from one row of a tile to the next
};

Left rows(const bf16* x, int width) { return {x, size_t(TILE) * width, DEPTH, size_t(width)}; }
Left packed(const bf16* x, int depth) { return {x, size_t(TILE) * depth, TILE * DEPTH, DEPTH}; }

#if HAS_AMX
void configure() {
    static const long allowed = syscall(SYS_arch_prctl, 0x1023, 18); // ARCH_REQ_XCOMP_PERM, tiles
    (void)allowed;
    struct __attribute__((packed)) {
        uint8_t palette = 1, start = 0, reserved[14] = {};
        uint16_t bytes[16] = {};
        uint8_t rows[16] = {};
    } tiles;
    for (int i = 0; i < 8; i++) tiles.bytes[i] = 64, tiles.rows[i] = 16;
    _tile_loadconfig(&tiles);
}
void release() { _tile_release(); }

#else
void configure() {}
void release() {}
#endif

#if HAS_AVX512
void transpose(const uint32_t* in, size_t in_stride, uint32_t* out, size_t out_stride) {
    __m512i a[16], b[16];
    for (int i = 0; i < 16; i++) a[i] = _mm512_loadu_si512(in + i * in_stride);
    for (int i = 0; i < 8; i++) {
        b[2 * i] = _mm512_unpacklo_epi32(a[2 * i], a[2 * i + 1]);
        b[2 * i + 1] = _mm512_unpackhi_epi32(a[2 * i], a[2 * i + 1]);
    }
    for (int i = 0; i < 4; i++) {
        a[4 * i] = _mm512_unpacklo_epi64(b[4 * i], b[4 * i + 2]);
        a[4 * i + 1] = _mm512_unpackhi_epi64(b[4 * i], b[4 * i + 2]);
        a[4 * i + 2] = _mm512_unpacklo_epi64(b[4 * i + 1], b[4 * i + 3]);
        a[4 * i + 3] = _mm512_unpackhi_epi64(b[4 * i + 1], b[4 * i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        b[i] = _mm512_shuffle_i32x4(a[i], a[4 + i], 0x88);
        b[4 + i] = _mm512_shuffle_i32x4(a[i], a[4 + i], 0xdd);
        b[8 + i] = _mm512_shuffle_i32x4(a[8 + i], a[12 + i], 0x88);
        b[12 + i] = _mm512_shuffle_i32x4(a[8 + i], a[12 + i], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        _mm512_storeu_si512(out + i * out_stride, _mm512_shuffle_i32x4(b[i], b[8 + i], 0x88));
        _mm512_storeu_si512(out + (8 + i) * out_stride, _mm512_shuffle_i32x4(b[i], b[8 + i], 0xdd));
        _mm512_storeu_si512(out + (4 + i) * out_stride,
                            _mm512_shuffle_i32x4(b[4 + i], b[12 + i], 0x88));
        _mm512_storeu_si512(out + (12 + i) * out_stride,
                            _mm512_shuffle_i32x4(b[4 + i], b[12 + i], 0xdd));
    }
}
#else
void transpose(const uint32_t* in, size_t in_stride, uint32_t* out, size_t out_stride) {
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++) memcpy(out + j * out_stride + i, in + i * in_stride + j, 4);
}
#endif

constexpr int MOST = 8; // tiles of the depth that a block takes at once

#if !HAS_AVX512
typedef float Eight __attribute__((vector_size(32), aligned(4)));
typedef uint32_t Pairs __attribute__((vector_size(32), aligned(4))); // of bfloat16 values
constexpr int STRIP = 4; // rows of results whose sums, with what they are made of, fit registers

// STRIP x 16 results at `out`: rows of the left operand, `left_stride` apart, by a column of tiles.
inline void strip(const float* left, size_t left_stride, const bf16* right, float* out, size_t stride,
                  int depth, bool add) {
    Eight sums[STRIP][2];
    for (int r = 0; r < STRIP; r++)
        for (int c = 0; c < 2; c++)
            sums[r][c] = add ? *reinterpret_cast<const Eight*>(out + r * stride + 8 * c) : Eight{};
    for (int d = 0; d < depth; d += 2, right += 2 * TILE) {
        Eight even[2], odd[2];
        for (int c = 0; c < 2; c++) {
            const Pairs both = *reinterpret_cast<const Pairs*>(right + 16 * c);
            even[c] = reinterpret_cast<Eight>(both << 16);
            odd[c] = reinterpret_cast<Eight>(both & 0xFFFF0000u);
        }
        for (int r = 0; r < STRIP; r++) {
            const float* pair = left + r * left_stride + d;
            for (int c = 0; c < 2; c++) sums[r][c] += pair[0] * even[c];
            for (int c = 0; c < 2; c++) sums[r][c] += pair[1] * odd[c];
        }
    }
    for (int r = 0; r < STRIP; r++)
        for (int c = 0; c < 2; c++) *reinterpret_cast<Eight*>(out + r * stride + 8 * c) = sums[r][c];
}

// A piece of the left operand as the products take it: rows of `steps` tiles, in float32.
using Piece = const float*;
Piece prepare(Left left, int high, int steps) {
    thread_local float wide[4 * TILE * MOST * DEPTH];
    float* to = wide;
    for (int r = 0; r < high * TILE; r++)
        for (int k = 0; k < steps; k++, to += DEPTH) {
            const bf16* row = left.data + (r / TILE) * left.row_step + k * left.depth_step +
                              (r % TILE) * left.stride;
            for (int d = 0; d < DEPTH; d++) to[d] = widen(row[d]);
        }
    return wide;
}
Piece below(Piece piece, int r, int steps) { return piece + size_t(r) * TILE * steps * DEPTH; }
#else
using Piece = Left;
Piece prepare(Left left, int, int) { return left; }
Piece below(Piece piece, int r, int) {
    piece.data += r * piece.row_step;
    return piece;
}
#endif

#if HAS_AVX512 && !HAS_AMX
constexpr int STRIP = 8; // rows of results whose sums hide the latency of a product

// STRIP x 32 results at `out`, from rows of the left operand that lie within one row of tiles.
inline void strip(const bf16* left, Left from, const bf16* right, size_t next, float* out,
                  size_t stride, int steps, bool add) {
    __m512 sums[STRIP][2];
    for (int r = 0; r < STRIP; r++)
        for (int c = 0; c < 2; c++)
            sums[r][c] = add ? _mm512_loadu_ps(out + r * stride + c * TILE) : _mm512_setzero_ps();
    for (int k = 0; k < steps; k++, left += from.depth_step)
        for (int d = 0; d < DEPTH; d += 2, right += 2 * TILE) {
            const __m512bh first = (__m512bh)_mm512_loadu_si512(right);
            const __m512bh second = (__m512bh)_mm512_loadu_si512(right + next);
            for (int r = 0; r < STRIP; r++) {
                int pair;
                memcpy(&pair, left + r * from.stride + d, 4);
                const __m512bh both = (__m512bh)_mm512_set1_epi32(pair);
                sums[r][0] = _mm512_dpbf16_ps(sums[r][0], both, first);
                sums[r][1] = _mm512_dpbf16_ps(sums[r][1], both, second);
            }
        }
    for (int r = 0; r < STRIP; r++)
        for (int c = 0; c < 2; c++) _mm512_storeu_ps(out + r * stride + c * TILE, sums[r][c]);
}
#endif

// The 32 x 32 results at `out`, from 2 x 2 tiles over `steps` tiles of the depth; `next`: from a
// column of tiles of the right operand to the next one.
inline void block(Piece left, const bf16* right, size_t next, float* out, size_t stride, int steps,
                  bool add) {
#if HAS_AMX
    if (add) {
        _tile_loadd(0, out, stride * 4);
        _tile_loadd(1, out + TILE, stride * 4);
        _tile_loadd(2, out + TILE * stride, stride * 4);
        _tile_loadd(3, out + TILE * stride + TILE, stride * 4);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (int k = 0; k < steps; k++) {
        const bf16* a = left.data + k * left.depth_step;
        const bf16* b = right + k * (TILE * DEPTH);
        _tile_loadd(4, a, left.stride * 2);
        _tile_loadd(6, b, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, b + next, 64);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, a + left.row_step, left.stride * 2);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, out, stride * 4);
    _tile_stored(1, out + TILE, stride * 4);
    _tile_stored(2, out + TILE * stride, stride * 4);
    _tile_stored(3, out + TILE * stride + TILE, stride * 4);
#elif HAS_AVX512
    for (int r = 0; r < 2 * TILE; r += STRIP)
        strip(left.data + (r / TILE) * left.row_step + (r % TILE) * left.stride, left, right, next,
              out + r * stride, stride, steps, add);
#else
    const int depth = steps * DEPTH;
    for (int half = 0; half < 2; half++)
        for (int r = 0; r < 2 * TILE; r += STRIP)
            strip(left + r * depth, depth, right + half * next, out + r * stride + half * TILE, stride,
                  depth, add);
#endif
}

// c (m x n, rows of `stride` floats) = left (m x depth) * right (depth x n), added to c if asked.
// Goes by pieces of the left operand that stay in the first cache.
void product(Left left, const bf16* right, float* c, size_t stride, int m, int n, int depth,
             bool add = false) {
    const int all = depth / DEPTH, most = std::min(all, MOST), high = most < MOST ? 4 : 2;
    const size_t next = size_t(all) * (TILE * DEPTH);
    for (int k = 0; k < all; k += most) {
        const int steps = std::min(most, all - k);
        for (int i = 0; i < m / TILE; i += high) {
            const int taken = std::min(high, m / TILE - i);
            Left corner = left;
            corner.data += i * left.row_step + k * left.depth_step;
            const Piece piece = prepare(corner, taken, steps);
            for (int j = 0; j < n / TILE; j += 2)
                for (int r = 0; r < taken; r += 2)
                    block(below(piece, r, steps), right + j * next + size_t(k) * (TILE * DEPTH), next,
                          c + size_t(i + r) * TILE * stride + j * TILE, stride, steps, add || k > 0);
        }
    }
}

// The right operand that is the transpose of w (n x depth).
void pack_transposed(const bf16* w, int n, int depth, bf16* out) {
    for (int j = 0; j < n / TILE; j++)
        for (int k = 0; k < depth / DEPTH; k++, out += TILE * DEPTH)
            transpose(reinterpret_cast<const uint32_t*>(w + size_t(j) * TILE * depth + k * DEPTH),
                      depth / 2, reinterpret_cast<uint32_t*>(out), TILE);
}

// Pairs of rows of x (depth x n), value by value, for one tile.
inline void pair(const bf16* x, int n, uint32_t* __restrict out) {
    for (int p = 0; p < TILE; p++, x += 2 * size_t(n))
        for (int j = 0; j < TILE; j++) out[p * TILE + j] = x[j] | uint32_t(x[n + j]) << 16;
}

// The right operand x (depth x n).
void pack(const bf16* x, int depth, int n, bf16* out) {
    for (int j = 0; j < n / TILE; j++)
        for (int k = 0; k < depth / DEPTH; k++, out += TILE * DEPTH)
            pair(x + size_t(k) * DEPTH * n + j * TILE, n, reinterpret_cast<uint32_t*>(out));
}

// The left operand that is the transpose of x (depth x m).
void pack_left(const bf16* x, int depth, int m, bf16* out) {
    uint32_t pairs[TILE * TILE];
    for (int i = 0; i < m / TILE; i++)
        for (int k = 0; k < depth / DEPTH; k++, out += TILE * DEPTH) {
            pair(x + size_t(k) * DEPTH * m + i * TILE, m, pairs);
            transpose(pairs, TILE, reinterpret_cast<uint32_t*>(out), TILE);
        }
}

// --------------------------------------------------------------------------------- quantisation

float scale_of(int code) {
    uint32_t bits = static_cast<uint32_t>(code + ((127 - 24) << 3)) << 20;
    float x;
    memcpy(&x, &bits, 4);
    return x;
}

int scale_code(float x, uint32_t rounding) {
    int32_t bits;
    memcpy(&bits, &x, 4);
    return std::clamp(((bits + int32_t(rounding)) >> 20) - ((127 - 24) << 3), 0, 255);
}

constexpr int GROUP = 128;

// kilophone_training.quantization.weights
void quantize_row(const float* w, int inputs, float step, bf16* out) {
    for (int first = 0; first < inputs; first += GROUP) {
        const int end = std::min(inputs, first + GROUP);
        float squares = 0;
        for (int i = first; i < end; i++) squares += w[i] * w[i];
        const float scale = scale_of(scale_code(step * std::sqrt(squares / (end - first)), 1 << 19));
        for (int i = first; i < end; i++)
            out[i] = narrow(std::clamp(std::nearbyint(w[i] / scale), -8.f, 7.f) * scale);
    }
}

// kilophone_training.quantization.embedding
void quantize_embedding(const float* w, int inputs, float* out) {
    for (int first = 0; first < inputs; first += GROUP) {
        const int end = std::min(inputs, first + GROUP);
        float largest = 0;
        for (int i = first; i < end; i++) largest = std::max(largest, std::abs(w[i]));
        const float scale = scale_of(scale_code(largest / 127, (1 << 20) - 1));
        for (int i = first; i < end; i++)
            out[i] = std::clamp(std::nearbyint(w[i] / scale), -127.f, 127.f) * scale;
    }
}

// ----------------------------------------------------------------------------------------- model

struct Shape {
    int32_t vocabulary, outputs, dim, layers, heads, ffn;
    float theta, eps;
};

struct Settings {
    float dropout, smoothing, alignment_weight, teacher_share, step; // step 0: not quantised
    uint32_t seed;
    int32_t threads, tokens_share_masks; // 1: one dropout mask for all positions of a word
};

struct Step {
    float rate, decay, clip, mean_share;
    int64_t count; // of steps, this one included
    int32_t muon;
};

// Offsets into the flat parameters: embedding, matrices layer by layer, gains.
struct Layout {
    Shape s;
    size_t qkv(int l) const { return size_t(s.vocabulary) * s.dim + l * layer(); }
    size_t out(int l) const { return qkv(l) + size_t(3) * s.dim * s.dim; }
    size_t gate_up(int l) const { return out(l) + size_t(s.dim) * s.dim; }
    size_t down(int l) const { return gate_up(l) + size_t(2) * s.ffn * s.dim; }
    size_t layer() const { return size_t(4) * s.dim * s.dim + size_t(3) * s.dim * s.ffn; }
    size_t gains() const { return qkv(s.layers); }
    size_t gain(int i) const { return gains() + size_t(i) * s.dim; }
    size_t total() const { return gain(2 * s.layers + 1); }
};

struct Matrix {
    int outputs, inputs;
    std::vector<bf16> forward, backward;
};

struct Words { // of a batch, or of a thread's share of it
    std::vector<int> index, start, prefix, length; // start: of its tokens in the share
    std::vector<int> step;                         // start of its answers in the share
    int tokens = 0, steps = 0;

    // The last layer's results are of use from <sep> on only: its rows are those of the answers.
    int rows(bool answers) const { return answers ? steps : tokens; }
    int first(size_t k, bool answers) const { return answers ? prefix[k] : 0; }
    int row(size_t k, int t, bool answers) const {
        return answers ? step[k] + t - prefix[k] : start[k] + t;
    }
};

struct Corpus {
    const int32_t* starts; // examples + 1: of their tokens
    const uint8_t* tokens; // graphemes, <sep>, phonemes
    const int32_t* prefixes;
    const int8_t* spans;         // 2 for each token: first letter and end, of the phoneme it answers
    const int32_t* soft_starts;  // of an example's soft labels; -1: none
    const uint8_t* soft_tokens;  // steps x TOP
    const float* soft_shares;    // steps x TOP
    const uint8_t* listed;
};

struct Layer {
    std::vector<float> x_attention, x_ffn, rstd_attention, rstd_ffn, qkv, shares, gate_up;
    std::vector<bf16> normed_attention, normed_ffn, mixed, hidden;
};

struct Worker {
    Words words;
    std::vector<Layer> layers;
    std::vector<float> x, dx, wide, narrow_, logits, out_x, out_rstd, gradients;
    std::vector<bf16> half, packed_left, packed_right, out_normed, out_half;
    std::vector<float> scratch;
    double loss = 0, alignment_loss = 0;
    size_t aligned = 0;
};

uint32_t mix(uint32_t h) {
    h ^= h >> 16;
    h *= 0x7feb352d;
    h ^= h >> 15;
    h *= 0x846ca68b;
    return h ^ h >> 16;
}

void parallel(int threads, const std::function<void(int)>& work) {
    auto run = [&](int t) {
        configure();
        work(t);
        release();
    };
    std::vector<std::thread> others;
    for (int t = 1; t < threads; t++) others.emplace_back(run, t);
    run(0);
    for (auto& thread : others) thread.join();
}

class Engine {
  public:
    explicit Engine(Shape shape) : s(shape), at{shape}, head(shape.dim / shape.heads) {
        matrices.resize(4 * s.layers);
        for (int l = 0; l < s.layers; l++) {
            matrices[4 * l] = {3 * s.dim, s.dim, {}, {}};
            matrices[4 * l + 1] = {s.dim, s.dim, {}, {}};
            matrices[4 * l + 2] = {2 * s.ffn, s.dim, {}, {}};
            matrices[4 * l + 3] = {s.dim, s.ffn, {}, {}};
        }
        const int positions = 256, half = head / 2;
        cosines.resize(positions * half);
        sines.resize(positions * half);
        for (int p = 0; p < positions; p++)
            for (int i = 0; i < half; i++) {
                const float frequency = std::pow(s.theta, -2.f * i / head);
                cosines[p * half + i] = std::cos(p * frequency);
                sines[p * half + i] = std::sin(p * frequency);
            }
        answers = up(s.outputs, BLOCK);
    }

    // Rounds the parameters to what the products take.
    void load(const float* p, float step, bool with_backward, int threads) {
        parameters = p;
        quantization = step;
        embedding.assign(size_t(up(s.vocabulary, BLOCK)) * s.dim, 0);
        for (int r = 0; r < s.vocabulary; r++)
            if (step > 0)
                quantize_embedding(p + size_t(r) * s.dim, s.dim, &embedding[size_t(r) * s.dim]);
            else
                memcpy(&embedding[size_t(r) * s.dim], p + size_t(r) * s.dim, s.dim * 4);
        std::vector<bf16> table(size_t(answers) * s.dim);
        narrow(embedding.data(), table.data(), size_t(s.outputs) * s.dim);
        table_forward.resize(table.size());
        table_backward.resize(table.size());
        pack_transposed(table.data(), answers, s.dim, table_forward.data());
        pack(table.data(), answers, s.dim, table_backward.data());
        gains.resize(size_t(2 * s.layers + 1) * s.dim);
        for (size_t i = 0; i < gains.size(); i++) {
            const float g = p[at.gains() + i];
            gains[i] = step > 0 ? widen(narrow(g)) : g;
        }
        parallel(threads, [&](int t) {
            std::vector<bf16> rounded;
            for (int m = t; m < int(matrices.size()); m += threads) {
                Matrix& w = matrices[m];
                const float* from = p + offset(m);
                const size_t size = size_t(w.outputs) * w.inputs;
                rounded.resize(size);
                if (step > 0)
                    for (int r = 0; r < w.outputs; r++)
                        quantize_row(from + size_t(r) * w.inputs, w.inputs, step,
                                     rounded.data() + size_t(r) * w.inputs);
                else
                    narrow(from, rounded.data(), size);
                w.forward.resize(size);
                pack_transposed(rounded.data(), w.outputs, w.inputs, w.forward.data());
                if (with_backward) {
                    w.backward.resize(size);
                    pack(rounded.data(), w.outputs, w.inputs, w.backward.data());
                }
            }
        });
    }

    // The mean loss of the examples, its gradients, and which examples are right at every step.
    double gradients(const Corpus& corpus, const int32_t* indices, int count,
                     const Settings& settings, float* gradient, uint8_t* right) {
        if (int(workers.size()) != settings.threads) workers.resize(settings.threads);
        size_t steps = 0, aligned = 0;
        for (int i = 0; i < count; i++) {
            const int first = corpus.starts[indices[i]], end = corpus.starts[indices[i] + 1];
            const int prefix = corpus.prefixes[indices[i]];
            steps += end - first - prefix;
            if (corpus.spans[2 * (first + prefix)] >= 0) aligned += end - first - prefix - 1;
        }
        parallel(settings.threads, [&](int t) {
            Worker& w = workers[t];
            float* g = t == 0 ? gradient : floats(w.gradients, at.total());
            std::fill(g, g + at.total(), 0.f);
            w.loss = w.alignment_loss = 0;
            for (int first = t; first < count;) {
                first = take(w.words, corpus, indices, first, count, settings.threads);
                forward(w, corpus, indices, settings);
                backward(w, corpus, indices, settings, steps, std::max<size_t>(aligned, 1), g, right);
            }
        });
        double loss = 0, alignment = 0;
        for (auto& w : workers) loss += w.loss, alignment += w.alignment_loss;
        parallel(settings.threads, [&](int t) {
            const size_t first = at.total() * t / settings.threads;
            const size_t end = at.total() * (t + 1) / settings.threads;
            for (int other = 1; other < settings.threads; other++) {
                const float* g = workers[other].gradients.data();
                for (size_t i = first; i < end; i++) gradient[i] += g[i];
            }
        });
        return loss / steps +
               settings.alignment_weight * alignment / std::max<size_t>(aligned, 1);
    }

    // Probabilities (steps x outputs) of the examples' answers, in their order.
    void probabilities(const Corpus& corpus, const int32_t* indices, int count, int threads,
                       float* out) {
        if (int(workers.size()) != threads) workers.resize(threads);
        std::vector<size_t> starts(count + 1, 0);
        for (int i = 0; i < count; i++)
            starts[i + 1] = starts[i] + corpus.starts[indices[i] + 1] - corpus.starts[indices[i]] -
                            corpus.prefixes[indices[i]];
        parallel(threads, [&](int t) {
            Worker& w = workers[t];
            for (int first = t; first < count;) {
                first = take(w.words, corpus, indices, first, count, threads);
                forward(w, corpus, indices, Settings{});
                for (size_t k = 0; k < w.words.index.size(); k++) {
                    const int steps = w.words.length[k] - w.words.prefix[k];
                    for (int j = 0; j < steps; j++) {
                        float* row = &w.logits[size_t(w.words.step[k] + j) * answers];
                        softmax(row, s.outputs);
                        memcpy(out + (starts[w.words.index[k]] + j) * s.outputs, row, s.outputs * 4);
                    }
                }
            }
        });
    }

    // Greedy answers of at most 2 graphemes + 16 phonemes: `tokens` is count x stride, each row
    // graphemes and <sep>, of `lengths`; said phonemes and their number replace them.
    void decode(uint8_t* tokens, int stride, int32_t* lengths, int count, int threads) {
        parallel(threads, [&](int t) {
            const int first = int64_t(count) * t / threads, end = int64_t(count) * (t + 1) / threads;
            for (int at = first; at < end; at += 512)
                decode_some(tokens + size_t(at) * stride, stride, lengths + at,
                            std::min(512, end - at));
        });
    }

    size_t parameters_count() const { return at.total(); }

  private:
    Shape s;
    Layout at;
    int head, answers;
    const float* parameters = nullptr;
    float quantization = 0;
    std::vector<Matrix> matrices;
    std::vector<float> embedding, gains, cosines, sines;
    std::vector<bf16> table_forward, table_backward;
    std::vector<Worker> workers;

    // Not a multiple of 4096 bytes, which would put the rows of a tile into one set of the cache.
    size_t gate_stride() const { return 2 * s.ffn + TILE; }

    size_t offset(int m) const {
        const int l = m / 4;
        return m % 4 == 0 ? at.qkv(l) : m % 4 == 1 ? at.out(l) : m % 4 == 2 ? at.gate_up(l) : at.down(l);
    }

    // The next words of a thread, every `threads`-th from `first` on, as many as caches hold well;
    // returns where the thread goes on.
    static int take(Words& words, const Corpus& corpus, const int32_t* indices, int first, int count,
                    int threads) {
        words.index.clear(), words.start.clear(), words.prefix.clear(), words.length.clear();
        words.step.clear();
        words.tokens = words.steps = 0;
        int i = first;
        for (; i < count && words.tokens < PIECE; i += threads) {
            const int example = indices[i];
            const int length = corpus.starts[example + 1] - corpus.starts[example];
            words.index.push_back(i);
            words.start.push_back(words.tokens);
            words.prefix.push_back(corpus.prefixes[example]);
            words.length.push_back(length);
            words.step.push_back(words.steps);
            words.tokens += length;
            words.steps += length - corpus.prefixes[example];
        }
        return i;
    }

    void norm(const float* x, const float* gain, int count, int filled, float* rstd, bf16* out) const {
        const int d = s.dim;
        for (int t = 0; t < count; t++) {
            const float* row = x + size_t(t) * d;
            float squares = 0;
            for (int i = 0; i < d; i++) squares += row[i] * row[i];
            const float r = 1 / std::sqrt(squares / d + s.eps);
            rstd[t] = r;
            for (int i = 0; i < d; i++) out[size_t(t) * d + i] = narrow(row[i] * r * gain[i]);
        }
        memset(out + size_t(count) * d, 0, size_t(filled - count) * d * 2);
    }

    // Adds the gradient of a norm's input to dx, and that of its gains.
    void norm_backward(const float* dy, const float* x, const float* rstd, const float* gain,
                       int count, float* dx, float* dgain) const {
        const int d = s.dim;
        for (int t = 0; t < count; t++) {
            const float *g = dy + size_t(t) * d, *row = x + size_t(t) * d;
            float* to = dx + size_t(t) * d;
            const float r = rstd[t];
            float dot = 0;
            for (int i = 0; i < d; i++) dot += g[i] * gain[i] * row[i];
            const float k = dot * r * r * r / d;
            for (int i = 0; i < d; i++) {
                dgain[i] += g[i] * row[i] * r;
                to[i] += g[i] * gain[i] * r - row[i] * k;
            }
        }
    }

    // The rows' dropout: multiplies by 0 or 1 / (1 - rate).
    void drop(float* x, const Words& words, bool answers, int site, const Settings& settings) const {
        if (settings.dropout <= 0) return;
        const uint32_t limit = static_cast<uint32_t>(settings.dropout * 4294967296.0);
        const float kept = 1 / (1 - settings.dropout);
        std::vector<float> mask(s.dim);
        for (size_t k = 0; k < words.index.size(); k++) {
            const int first = words.first(k, answers);
            for (int t = first; t < words.length[k]; t++) {
                if (t == first || !settings.tokens_share_masks) {
                    const uint32_t place = settings.tokens_share_masks ? 0 : t + 1;
                    const uint32_t seed =
                        mix(mix(settings.seed * 31 + site) ^ mix(words.index[k] * 1031 + place));
                    for (uint32_t i = 0; i < uint32_t(s.dim); i++) {
                        uint32_t h = (seed + i) * 0x9E3779B1u;
                        h ^= h >> 15;
                        h *= 0x85EBCA77u;
                        h ^= h >> 13;
                        h *= 0xC2B2AE3Du;
                        h ^= h >> 16;
                        mask[i] = h >= limit ? kept : 0.f;
                    }
                }
                float* row = x + size_t(words.row(k, t, answers)) * s.dim;
                for (int i = 0; i < s.dim; i++) row[i] *= mask[i];
            }
        }
    }

    void rotate(float* x, int position, float direction) const {
        const int half = head / 2;
        const float *c = &cosines[position * half], *sn = &sines[position * half];
        for (int h = 0; h < s.heads; h++) {
            float *a = x + h * head, *b = a + half;
            for (int i = 0; i < half; i++) {
                const float first = a[i], second = b[i], turn = direction * sn[i];
                a[i] = first * c[i] - second * turn;
                b[i] = second * c[i] + first * turn;
            }
        }
    }

    static int position(int t, int prefix) { return t <= prefix ? t : t - prefix; }
    static int visible(int t, int prefix) { return std::max(t, prefix) + 1; }

    static void softmax(float* row, int n) {
        float largest = row[0];
        for (int i = 1; i < n; i++) largest = std::max(largest, row[i]);
        float sum = 0;
        for (int i = 0; i < n; i++) sum += row[i] = std::exp(row[i] - largest);
        for (int i = 0; i < n; i++) row[i] /= sum;
    }

    void embed(const uint8_t* tokens, int n, float* x) const {
        for (int t = 0; t < n; t++)
            memcpy(x + size_t(t) * s.dim, &embedding[size_t(tokens[t]) * s.dim], s.dim * 4);
    }

    void forward(Worker& w, const Corpus& corpus, const int32_t* indices, const Settings& settings) {
        const int d = s.dim, T = w.words.tokens, filled = up(T, BLOCK);
        float* x = floats(w.x, size_t(filled) * d);
        for (size_t k = 0; k < w.words.index.size(); k++)
            embed(corpus.tokens + corpus.starts[indices[w.words.index[k]]], w.words.length[k],
                  x + size_t(w.words.start[k]) * d);
        memset(x + size_t(T) * d, 0, size_t(filled - T) * d * 4);
        drop(x, w.words, false, 0, settings);
        w.layers.resize(s.layers);
        float* y = floats(w.narrow_, size_t(filled) * d);
        for (int l = 0; l < s.layers; l++) {
            Layer& layer = w.layers[l];
            memcpy(floats(layer.x_attention, size_t(T) * d), x, size_t(T) * d * 4);
            bf16* normed = halves(layer.normed_attention, size_t(filled) * d);
            norm(x, &gains[size_t(2 * l) * d], T, filled, floats(layer.rstd_attention, T), normed);
            float* qkv = floats(layer.qkv, size_t(filled) * 3 * d);
            product(rows(normed, d), matrices[4 * l].forward.data(), qkv, 3 * d, filled, 3 * d, d);
            const bool last = l == s.layers - 1;
            const int n = w.words.rows(last), n_filled = up(n, BLOCK);
            bf16* mixed = halves(layer.mixed, size_t(filled) * d);
            memset(mixed + size_t(n) * d, 0, size_t(n_filled - n) * d * 2);
            attend(w, layer, qkv, last, mixed);
            product(rows(mixed, d), matrices[4 * l + 1].forward.data(), y, d, n_filled, d, d);
            drop(y, w.words, last, 2 * l + 1, settings);
            if (last)
                for (size_t k = 0; k < w.words.index.size(); k++)
                    memmove(x + size_t(w.words.step[k]) * d,
                            x + size_t(w.words.start[k] + w.words.prefix[k]) * d,
                            size_t(w.words.length[k] - w.words.prefix[k]) * d * 4);
            for (size_t i = 0; i < size_t(n) * d; i++) x[i] += y[i];

            memcpy(floats(layer.x_ffn, size_t(T) * d), x, size_t(n) * d * 4);
            normed = halves(layer.normed_ffn, size_t(filled) * d);
            norm(x, &gains[size_t(2 * l + 1) * d], n, n_filled, floats(layer.rstd_ffn, T), normed);
            const int f = s.ffn;
            float* gate_up = floats(layer.gate_up, size_t(filled) * gate_stride());
            product(rows(normed, d), matrices[4 * l + 2].forward.data(), gate_up, gate_stride(),
                    n_filled, 2 * f, d);
            bf16* hidden = halves(layer.hidden, size_t(filled) * f);
            for (int t = 0; t < n_filled; t++) {
                const float *g = gate_up + size_t(t) * gate_stride(), *u = g + f;
                for (int i = 0; i < f; i++)
                    hidden[size_t(t) * f + i] = narrow(g[i] / (1 + std::exp(-g[i])) * u[i]);
            }
            product(rows(hidden, f), matrices[4 * l + 3].forward.data(), y, d, n_filled, d, f);
            drop(y, w.words, last, 2 * l + 2, settings);
            for (size_t i = 0; i < size_t(n) * d; i++) x[i] += y[i];
        }
        const int S = w.words.steps, steps_filled = up(S, BLOCK);
        float* out = floats(w.out_x, size_t(S) * d);
        memcpy(out, x, size_t(S) * d * 4);
        bf16* normed = halves(w.out_normed, size_t(steps_filled) * d);
        norm(out, &gains[size_t(2 * s.layers) * d], S, steps_filled, floats(w.out_rstd, S), normed);
        float* logits = floats(w.logits, size_t(steps_filled) * answers);
        product(rows(normed, d), table_forward.data(), logits, answers, steps_filled, answers, d);
    }

    // Rotates queries and keys in place, keeps the softmax, writes the mixed values (of all rows, or
    // of the answers').
    void attend(Worker& w, Layer& layer, float* qkv, bool answers, bf16* mixed) const {
        const int d = s.dim;
        const float scale = 1 / std::sqrt(float(head));
        size_t size = 0;
        for (int length : w.words.length) size += size_t(length) * up(length, LANES) * s.heads;
        float* shares = floats(layer.shares, size);
        float* keys = floats(w.scratch, size_t(head) * 256 + 256);
        float* sums = keys + size_t(head) * 256;
        for (size_t k = 0; k < w.words.index.size(); k++) {
            const int n = w.words.length[k], width = up(n, LANES), prefix = w.words.prefix[k];
            float* word = qkv + size_t(w.words.start[k]) * 3 * d;
            for (int t = 0; t < n; t++) {
                rotate(word + size_t(t) * 3 * d, position(t, prefix), 1);
                rotate(word + size_t(t) * 3 * d + d, position(t, prefix), 1);
            }
            for (int h = 0; h < s.heads; h++) {
                const float *q = word + h * head, *key = q + d, *value = key + d;
                across(key, 3 * d, n, width, keys);
                for (int t = w.words.first(k, answers); t < n; t++, shares += width) {
                    const int seen = visible(t, prefix);
                    dots(q + size_t(t) * 3 * d, keys, width, shares);
                    for (int j = 0; j < seen; j++) shares[j] *= scale;
                    softmax(shares, seen);
                    for (int j = seen; j < width; j++) shares[j] = 0;
                    std::fill(sums, sums + head, 0.f);
                    for (int j = 0; j < seen; j++) add(value + size_t(j) * 3 * d, shares[j], sums);
                    narrow(sums, mixed + size_t(w.words.row(k, t, answers)) * d + h * head, head);
                }
            }
        }
    }

    // x (n rows of `stride`, head values) as head x width, zeros at the end.
    void across(const float* x, int stride, int n, int width, float* out) const {
        for (int c = 0; c < head; c++)
            for (int t = 0; t < width; t++) out[c * width + t] = t < n ? x[size_t(t) * stride + c] : 0;
    }

    // out (width) = q (head) * x (head x width)
    void dots(const float* q, const float* x, int width, float* out) const {
        for (int j = 0; j < width; j += LANES) {
            Lanes sum0 = {}, sum1 = {};
            for (int c = 0; c < head; c += 2) {
                sum0 += q[c] * *reinterpret_cast<const Lanes*>(x + size_t(c) * width + j);
                sum1 += q[c + 1] * *reinterpret_cast<const Lanes*>(x + size_t(c + 1) * width + j);
            }
            *reinterpret_cast<Lanes*>(out + j) = sum0 + sum1;
        }
    }

    void add(const float* x, float factor, float* to) const {
        for (int c = 0; c < head; c += LANES)
            *reinterpret_cast<Lanes*>(to + c) += factor * *reinterpret_cast<const Lanes*>(x + c);
    }

    // From the gradient of the mixed values that of queries, keys and values, before rotation.
    void attend_backward(Worker& w, const Layer& layer, const float* dmixed, bool answers,
                         float* dqkv, const Corpus* aligned, const int32_t* indices,
                         float alignment_scale) {
        const int d = s.dim;
        const float scale = 1 / std::sqrt(float(head));
        const float* shares = layer.shares.data();
        float* values = floats(w.scratch, size_t(head) * 256 + 256);
        float* ds = values + size_t(head) * 256;
        for (size_t k = 0; k < w.words.index.size(); k++) {
            const int n = w.words.length[k], width = up(n, LANES), prefix = w.words.prefix[k];
            const float* word = layer.qkv.data() + size_t(w.words.start[k]) * 3 * d;
            float* to = dqkv + size_t(w.words.start[k]) * 3 * d;
            memset(to, 0, size_t(n) * 3 * d * 4);
            for (int h = 0; h < s.heads; h++) {
                const float *q = word + h * head, *key = q + d, *value = key + d;
                float *dq = to + h * head, *dkey = dq + d, *dvalue = dkey + d;
                across(value, 3 * d, n, width, values);
                for (int t = w.words.first(k, answers); t < n; t++, shares += width) {
                    const float* g = dmixed + size_t(w.words.row(k, t, answers)) * d + h * head;
                    const int seen = visible(t, prefix);
                    dots(g, values, width, ds);
                    float dot = 0;
                    for (int j = 0; j < seen; j++) dot += shares[j] * ds[j];
                    for (int j = 0; j < seen; j++) ds[j] = shares[j] * (ds[j] - dot);
                    if (aligned && h == 0 && t >= prefix)
                        align(w, *aligned, indices, k, t, shares, seen, ds, alignment_scale);
                    const size_t row = size_t(t) * 3 * d;
                    for (int j = 0; j < seen; j++) {
                        const size_t other = size_t(j) * 3 * d;
                        add(g, shares[j], dvalue + other);
                        add(key + other, ds[j] * scale, dq + row);
                        add(q + row, ds[j] * scale, dkey + other);
                    }
                }
            }
            for (int t = 0; t < n; t++) {
                rotate(to + size_t(t) * 3 * d, position(t, prefix), -1);
                rotate(to + size_t(t) * 3 * d + d, position(t, prefix), -1);
            }
        }
    }

    // The loss of the head that looks at a phoneme's letters, and its gradient.
    void align(Worker& w, const Corpus& corpus, const int32_t* indices, size_t k, int t,
               const float* shares, int seen, float* ds, float scale) {
        const int8_t* span = corpus.spans + 2 * (corpus.starts[indices[w.words.index[k]]] + t);
        if (span[0] < 0) return;
        const float wanted = 1.f / (span[1] - span[0]);
        for (int j = 0; j < seen; j++) ds[j] += scale * shares[j];
        for (int j = span[0]; j < span[1]; j++) {
            ds[j] -= scale * wanted;
            w.alignment_loss -= wanted * std::log(std::max(shares[j], 1e-30f));
        }
    }

    // gradient (outputs x inputs) += dy^T * x, and dx = dy * matrix
    void linear_backward(Worker& w, int m, const bf16* dy, const bf16* x, int filled, float* gradient,
                         float* dx) {
        const Matrix& matrix = matrices[m];
        bf16* left = halves(w.packed_left, size_t(filled) * matrix.outputs);
        bf16* right = halves(w.packed_right, size_t(filled) * matrix.inputs);
        pack_left(dy, filled, matrix.outputs, left);
        pack(x, filled, matrix.inputs, right);
        product(packed(left, filled), right, gradient, matrix.inputs, matrix.outputs, matrix.inputs, filled,
                true);
        product(rows(dy, matrix.outputs), matrix.backward.data(), dx, matrix.inputs, filled,
                matrix.inputs, matrix.outputs);
    }

    void backward(Worker& w, const Corpus& corpus, const int32_t* indices, const Settings& settings,
                  size_t all_steps, size_t all_aligned, float* gradient, uint8_t* right) {
        const int d = s.dim, f = s.ffn, T = w.words.tokens, filled = up(T, BLOCK);
        const int S = w.words.steps, steps_filled = up(S, BLOCK);
        // Answers.
        bf16* dlogits = halves(w.out_half, size_t(steps_filled) * answers);
        memset(dlogits, 0, size_t(steps_filled) * answers * 2);
        std::vector<float> wanted(s.outputs);
        for (size_t k = 0; k < w.words.index.size(); k++) {
            const int example = indices[w.words.index[k]];
            const int prefix = w.words.prefix[k], steps = w.words.length[k] - prefix;
            const uint8_t* tokens = corpus.tokens + corpus.starts[example];
            const bool soft = corpus.soft_starts[example] >= 0;
            const float share = !soft ? 0 : corpus.listed[example] ? settings.teacher_share : 1.f;
            bool all_right = true;
            for (int j = 0; j < steps; j++) {
                const int answer = j + 1 < steps ? tokens[prefix + 1 + j] : 0;
                float* row = &w.logits[size_t(w.words.step[k] + j) * answers];
                for (int i = 0; i < s.outputs; i++)
                    if (row[i] > row[answer]) all_right = false;
                softmax(row, s.outputs);
                std::fill(wanted.begin(), wanted.end(), (1 - share) * settings.smoothing / s.outputs);
                wanted[answer] += (1 - share) * (1 - settings.smoothing);
                if (soft) {
                    const size_t label = size_t(corpus.soft_starts[example] + j) * TOP;
                    for (int i = 0; i < TOP; i++)
                        wanted[corpus.soft_tokens[label + i]] += share * corpus.soft_shares[label + i];
                }
                bf16* to = dlogits + size_t(w.words.step[k] + j) * answers;
                double loss = 0;
                for (int i = 0; i < s.outputs; i++) {
                    if (wanted[i] > 0) loss -= wanted[i] * std::log(std::max(row[i], 1e-30f));
                    to[i] = narrow((row[i] - wanted[i]) / all_steps);
                }
                w.loss += loss;
            }
            right[w.words.index[k]] = all_right;
        }
        float* dx = floats(w.dx, size_t(filled) * d);
        {
            float* dy = floats(w.wide, size_t(steps_filled) * std::max(d, answers));
            product(rows(dlogits, answers), table_backward.data(), dy, d, steps_filled, d, answers);
            float* dout = floats(w.narrow_, size_t(std::max(filled, steps_filled)) * d);
            memset(dout, 0, size_t(S) * d * 4);
            norm_backward(dy, w.out_x.data(), w.out_rstd.data(), &gains[size_t(2 * s.layers) * d], S,
                          dout, gradient + at.gain(2 * s.layers));
            memset(dx, 0, size_t(filled) * d * 4);
            memcpy(dx, dout, size_t(S) * d * 4);
            bf16* left = halves(w.packed_left, size_t(steps_filled) * answers);
            bf16* packed_x = halves(w.packed_right, size_t(steps_filled) * d);
            pack_left(dlogits, steps_filled, answers, left);
            pack(w.out_normed.data(), steps_filled, d, packed_x);
            std::vector<float> table(size_t(answers) * d);
            product(packed(left, steps_filled), packed_x, table.data(), d, answers, d, steps_filled);
            for (size_t i = 0; i < size_t(s.outputs) * d; i++) gradient[i] += table[i];
        }

        const int widest = std::max(3 * d, 2 * f);
        float* wide = floats(w.wide, size_t(filled) * widest);
        float* dy = floats(w.narrow_, size_t(filled) * std::max(d, f));
        bf16* half = halves(w.half, size_t(filled) * widest);
        for (int l = s.layers - 1; l >= 0; l--) {
            Layer& layer = w.layers[l];
            const bool last = l == s.layers - 1;
            const int n = w.words.rows(last), n_filled = up(n, BLOCK);
            memcpy(dy, dx, size_t(n_filled) * d * 4);
            drop(dy, w.words, last, 2 * l + 2, settings);
            narrow(dy, half, size_t(n_filled) * d);
            linear_backward(w, 4 * l + 3, half, layer.hidden.data(), n_filled, gradient + at.down(l), dy);
            for (int t = 0; t < n_filled; t++) {
                const float *g = layer.gate_up.data() + size_t(t) * gate_stride(), *u = g + f;
                const float* dh = dy + size_t(t) * f;
                bf16* to = half + size_t(t) * 2 * f;
                for (int i = 0; i < f; i++) {
                    const float sigmoid = 1 / (1 + std::exp(-g[i]));
                    to[i] = narrow(dh[i] * u[i] * sigmoid * (1 + g[i] * (1 - sigmoid)));
                    to[f + i] = narrow(dh[i] * g[i] * sigmoid);
                }
            }
            linear_backward(w, 4 * l + 2, half, layer.normed_ffn.data(), n_filled, gradient + at.gate_up(l), dy);
            norm_backward(dy, layer.x_ffn.data(), layer.rstd_ffn.data(),
                          &gains[size_t(2 * l + 1) * d], n, dx, gradient + at.gain(2 * l + 1));

            memcpy(dy, dx, size_t(n_filled) * d * 4);
            drop(dy, w.words, last, 2 * l + 1, settings);
            narrow(dy, half, size_t(n_filled) * d);
            linear_backward(w, 4 * l + 1, half, layer.mixed.data(), n_filled, gradient + at.out(l), dy);
            const bool aligns = settings.alignment_weight > 0 && last;
            attend_backward(w, layer, dy, last, wide, aligns ? &corpus : nullptr, indices,
                            settings.alignment_weight / all_aligned);
            if (last)
                for (size_t k = w.words.index.size(); k-- > 0;) {
                    const int prefix = w.words.prefix[k];
                    float* to = dx + size_t(w.words.start[k]) * d;
                    memmove(to + size_t(prefix) * d, dx + size_t(w.words.step[k]) * d,
                            size_t(w.words.length[k] - prefix) * d * 4);
                    memset(to, 0, size_t(prefix) * d * 4);
                }
            memset(wide + size_t(T) * 3 * d, 0, size_t(filled - T) * 3 * d * 4);
            narrow(wide, half, size_t(filled) * 3 * d);
            linear_backward(w, 4 * l, half, layer.normed_attention.data(), filled, gradient + at.qkv(l), dy);
            norm_backward(dy, layer.x_attention.data(), layer.rstd_attention.data(),
                          &gains[size_t(2 * l) * d], T, dx, gradient + at.gain(2 * l));
        }
        drop(dx, w.words, false, 0, settings);
        for (size_t k = 0; k < w.words.index.size(); k++) {
            const uint8_t* tokens = corpus.tokens + corpus.starts[indices[w.words.index[k]]];
            for (int t = 0; t < w.words.length[k]; t++) {
                float* to = gradient + size_t(tokens[t]) * d;
                const float* from = dx + size_t(w.words.start[k] + t) * d;
                for (int i = 0; i < d; i++) to[i] += from[i];
            }
        }
    }

    // Greedy decoding with a cache of keys and values.
    void decode_some(uint8_t* tokens, int stride, int32_t* lengths, int count) const {
        const int d = s.dim, f = s.ffn, width = up(stride, LANES);
        std::vector<std::vector<float>> cache(s.layers);
        for (auto& c : cache) c.resize(size_t(count) * stride * 2 * d);
        std::vector<int> prefix(count), at(count, 0), alive(count);
        for (int i = 0; i < count; i++) prefix[i] = lengths[i] - 1, alive[i] = i;
        std::vector<float> x, y, wide, shares(width), sums(head), rstd;
        std::vector<bf16> half, hidden;
        std::vector<int> row_word, row_place, last;
        while (!alive.empty()) {
            row_word.clear(), row_place.clear(), last.clear();
            for (int i : alive) {
                for (int t = at[i]; t < lengths[i]; t++) row_word.push_back(i), row_place.push_back(t);
                at[i] = lengths[i];
                last.push_back(int(row_word.size()) - 1);
            }
            int n = int(row_word.size()), filled = up(n, BLOCK);
            float* xs = floats(x, size_t(filled) * d);
            std::fill(xs, xs + size_t(filled) * d, 0.f);
            for (int r = 0; r < n; r++)
                embed(tokens + size_t(row_word[r]) * stride + row_place[r], 1, xs + size_t(r) * d);
            bf16* normed = halves(half, size_t(filled) * std::max(d, f));
            float* ys = floats(y, size_t(filled) * d);
            float* ws = floats(wide, size_t(filled) * std::max(3 * d, 2 * f));
            float* rs = floats(rstd, filled);
            for (int l = 0; l < s.layers; l++) {
                norm(xs, &gains[size_t(2 * l) * d], n, filled, rs, normed);
                product(rows(normed, d), matrices[4 * l].forward.data(), ws, 3 * d, filled, 3 * d, d);
                for (int r = 0; r < n; r++) {
                    const int i = row_word[r], place = position(row_place[r], prefix[i]);
                    float* row = ws + size_t(r) * 3 * d;
                    rotate(row, place, 1);
                    rotate(row + d, place, 1);
                    memcpy(&cache[l][(size_t(i) * stride + row_place[r]) * 2 * d], row + d, 2 * d * 4);
                }
                if (l == s.layers - 1) { // from here on only rows that are asked
                    n = int(last.size()), filled = up(n, BLOCK);
                    for (int k = 0; k < n; k++) {
                        memmove(xs + size_t(k) * d, xs + size_t(last[k]) * d, d * 4);
                        memmove(ws + size_t(k) * 3 * d, ws + size_t(last[k]) * 3 * d, 3 * d * 4);
                        row_word[k] = row_word[last[k]], row_place[k] = row_place[last[k]];
                    }
                }
                for (int r = 0; r < n; r++) {
                    const int i = row_word[r], seen = visible(row_place[r], prefix[i]);
                    for (int h = 0; h < s.heads; h++) {
                        const float* q = ws + size_t(r) * 3 * d + h * head;
                        const float* key = &cache[l][size_t(i) * stride * 2 * d + h * head];
                        for (int j = 0; j < seen; j++) {
                            float dot = 0;
                            for (int c = 0; c < head; c++) dot += q[c] * key[size_t(j) * 2 * d + c];
                            shares[j] = dot / std::sqrt(float(head));
                        }
                        softmax(shares.data(), seen);
                        std::fill(sums.begin(), sums.end(), 0.f);
                        for (int j = 0; j < seen; j++)
                            add(key + size_t(j) * 2 * d + d, shares[j], sums.data());
                        narrow(sums.data(), normed + size_t(r) * d + h * head, head);
                    }
                }
                product(rows(normed, d), matrices[4 * l + 1].forward.data(), ys, d, filled, d, d);
                for (size_t i = 0; i < size_t(n) * d; i++) xs[i] += ys[i];
                norm(xs, &gains[size_t(2 * l + 1) * d], n, filled, rs, normed);
                product(rows(normed, d), matrices[4 * l + 2].forward.data(), ws, 2 * f, filled, 2 * f, d);
                bf16* hs = halves(hidden, size_t(filled) * f);
                for (int r = 0; r < filled; r++) {
                    const float *g = ws + size_t(r) * 2 * f, *u = g + f;
                    for (int i = 0; i < f; i++)
                        hs[size_t(r) * f + i] = narrow(g[i] / (1 + std::exp(-g[i])) * u[i]);
                }
                product(rows(hs, f), matrices[4 * l + 3].forward.data(), ys, d, filled, d, f);
                for (size_t i = 0; i < size_t(n) * d; i++) xs[i] += ys[i];
            }
            float* logits = floats(wide, size_t(filled) * std::max(answers, 3 * d));
            norm(xs, &gains[size_t(2 * s.layers) * d], n, filled, rs, normed);
            product(rows(normed, d), table_forward.data(), logits, answers, filled, answers, d);
            std::vector<int> going;
            for (int k = 0; k < n; k++) {
                const int i = alive[k];
                const float* row = logits + size_t(k) * answers;
                const int best = int(std::max_element(row, row + s.outputs) - row);
                if (best == 0) continue;
                tokens[size_t(i) * stride + lengths[i]++] = uint8_t(best);
                if (lengths[i] < 3 * prefix[i] + 17) going.push_back(i); // model.Llama.say
            }
            alive.swap(going);
        }
        for (int i = 0; i < count; i++) {
            const int said = lengths[i] - prefix[i] - 1;
            memmove(tokens + size_t(i) * stride, tokens + size_t(i) * stride + prefix[i] + 1, said);
            lengths[i] = said;
        }
    }
};

// Newton-Schulz steps of Muon: x (rows x columns) to nearly orthogonal, in place.
void orthogonalize(float* x, int rows_count, int columns) {
    if (rows_count < columns) {
        std::vector<float> turned(size_t(rows_count) * columns);
        for (int r = 0; r < rows_count; r++)
            for (int c = 0; c < columns; c++) turned[size_t(c) * rows_count + r] = x[size_t(r) * columns + c];
        orthogonalize(turned.data(), columns, rows_count);
        for (int r = 0; r < rows_count; r++)
            for (int c = 0; c < columns; c++) x[size_t(r) * columns + c] = turned[size_t(c) * rows_count + r];
        return;
    }
    const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
    const size_t size = size_t(rows_count) * columns, square = size_t(columns) * columns;
    std::vector<bf16> half(size), left(size), right(std::max(size, square)), gram_half(square);
    std::vector<float> gram(square), other(std::max(size, square));
    double squares = 0;
    for (size_t i = 0; i < size; i++) squares += double(x[i]) * x[i];
    const float factor = 1 / (std::sqrt(squares) + 1e-12);
    for (size_t i = 0; i < size; i++) x[i] *= factor;
    for (int step = 0; step < 5; step++) {
        narrow(x, half.data(), size);
        pack_left(half.data(), rows_count, columns, left.data());
        pack(half.data(), rows_count, columns, right.data());
        product(packed(left.data(), rows_count), right.data(), gram.data(), columns, columns, columns,
                rows_count);
        narrow(gram.data(), gram_half.data(), square);
        pack(gram_half.data(), columns, columns, right.data());
        product(rows(gram_half.data(), columns), right.data(), other.data(), columns, columns, columns,
                columns);
        for (size_t i = 0; i < square; i++) gram[i] = b * gram[i] + c * other[i];
        narrow(gram.data(), gram_half.data(), square);
        pack(gram_half.data(), columns, columns, right.data());
        product(rows(half.data(), columns), right.data(), other.data(), columns, rows_count, columns,
                columns);
        for (size_t i = 0; i < size; i++) x[i] = a * x[i] + other[i];
    }
}

} // namespace

extern "C" {

void kt_orthogonalize(float* x, int rows_count, int columns) {
    parallel(1, [&](int) { orthogonalize(x, rows_count, columns); });
}

int kt_has_amx() { return HAS_AMX; }

void* kt_open(const Shape* shape) { return new Engine(*shape); }

void kt_close(void* engine) { delete static_cast<Engine*>(engine); }

size_t kt_parameters(void* engine) { return static_cast<Engine*>(engine)->parameters_count(); }

void kt_load(void* engine, const float* parameters, float step, int with_backward, int threads) {
    static_cast<Engine*>(engine)->load(parameters, step, with_backward, threads);
}

double kt_gradients(void* engine, const Corpus* corpus, const int32_t* indices, int count,
                    const Settings* settings, float* gradient, uint8_t* right) {
    return static_cast<Engine*>(engine)->gradients(*corpus, indices, count, *settings, gradient, right);
}

void kt_probabilities(void* engine, const Corpus* corpus, const int32_t* indices, int count,
                      int threads, float* out) {
    static_cast<Engine*>(engine)->probabilities(*corpus, indices, count, threads, out);
}

void kt_decode(void* engine, uint8_t* tokens, int stride, int32_t* lengths, int count, int threads) {
    static_cast<Engine*>(engine)->decode(tokens, stride, lengths, count, threads);
}

// One step of the optimizer of native.py: the parameters p, their gradient, the moments m and v, and
// the running mean of the parameters.
void kt_step(const Shape* shape, float* p, const float* gradient, float* m, float* v, float* mean,
             const Step* how, int threads) {
    const Layout at{*shape};
    std::vector<double> squares(threads);
    parallel(threads, [&](int t) {
        double sum = 0;
        for (size_t i = at.total() * t / threads; i < at.total() * (t + 1) / threads; i++)
            sum += double(gradient[i]) * gradient[i];
        squares[t] = sum;
    });
    const double norm = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
    const float factor = std::min(1.0, how->clip / (norm + 1e-6));
    const float b1 = 0.9f, b2 = 0.98f, momentum = 0.95f;
    const float c1 = 1 - std::pow(double(b1), double(how->count));
    const float c2 = 1 - std::pow(double(b2), double(how->count));

    auto adamw = [&](size_t first, size_t end, float decay) {
        for (size_t i = first; i < end; i++) {
            const float x = gradient[i] * factor;
            m[i] += (1 - b1) * (x - m[i]);
            v[i] += (1 - b2) * (x * x - v[i]);
            p[i] = p[i] * (1 - how->rate * decay) -
                   how->rate * (m[i] / c1) / (std::sqrt(v[i] / c2) + 1e-8f);
            mean[i] += how->mean_share * (p[i] - mean[i]);
        }
    };
    auto muon = [&](size_t first, int rows_count, int columns) {
        const size_t size = size_t(rows_count) * columns;
        std::vector<float> move(size);
        for (size_t i = 0; i < size; i++) {
            float& kept = m[first + i];
            const float x = gradient[first + i];
            kept += (1 - momentum) * (x - kept);
            move[i] = x + momentum * (kept - x);
        }
        orthogonalize(move.data(), rows_count, columns);
        const float rate = how->rate * 0.2f * std::sqrt(float(std::max(rows_count, columns)));
        for (size_t i = 0; i < size; i++) {
            float& x = p[first + i];
            x = x * (1 - how->rate * how->decay) - rate * move[i];
            mean[first + i] += how->mean_share * (x - mean[first + i]);
        }
    };

    std::vector<std::function<void()>> jobs;
    const int d = shape->dim, f = shape->ffn;
    if (how->muon) {
        for (int l = 0; l < shape->layers; l++) {
            for (int i = 0; i < 2; i++)
                jobs.push_back([&, l, i] { muon(at.gate_up(l) + size_t(i) * f * d, f, d); });
            jobs.push_back([&, l] { muon(at.down(l), d, f); });
            for (int i = 0; i < 4; i++) // queries, keys, values, outputs
                jobs.push_back([&, l, i] { muon(at.qkv(l) + size_t(i) * d * d, d, d); });
        }
    } else {
        const size_t piece = 1 << 16;
        for (size_t first = at.qkv(0); first < at.gains(); first += piece)
            jobs.push_back([&, first] { adamw(first, std::min(first + piece, at.gains()), how->decay); });
    }
    jobs.push_back([&] { adamw(0, at.qkv(0), how->decay); });
    jobs.push_back([&] { adamw(at.gains(), at.total(), 0); });
    std::atomic<size_t> next{0};
    parallel(threads, [&](int) {
        for (size_t job; (job = next++) < jobs.size();) jobs[job]();
    });
}
}
