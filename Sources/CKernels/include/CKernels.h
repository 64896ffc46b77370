/* Vector inner loops with run-time dispatch, and nothing else.
 *
 * Every kernel is the twin of a definition in plain Swift and gives the same bits: 16 lanes over k,
 * fused multiply-add in ascending k, one fixed fold. Callers check shapes; kernels trust them.
 * Pointers to stored bytes need no alignment. */
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum ck_set { ck_neon, ck_avx2, ck_avx512 } ck_set;

/* Whether the processor and the operating system support the set. */
bool ck_supports(ck_set set);

/* Columns and rows of a panel: weights that stay in the first-level cache while tokens pass by. The last one of a row may be
 * wider, where what is left would not be worth one of its own. */
enum { ck_panel_columns = 512, ck_widest_panel = 640, ck_panel_rows = 12 };

/* Decodes `count` stored elements, whole blocks. */
typedef void (*ck_decode)(const void *bytes, size_t count, float *values);

/* y[t * y_stride + r] = row r · x[t], for 1 to `few` tokens. x: [tokens, x_stride], zero-padded to whole groups of 16. */
typedef void (*ck_multiply_few)(
    const void *bytes, size_t row_bytes, size_t rows, size_t columns, const float *x, size_t x_stride, size_t tokens, float *y,
    size_t y_stride);

/* Adds the products of a panel's rows and several tokens to lane sums.
 * bytes: `columns` stored elements of each row, whole blocks; x: [tokens, x_stride], zero-padded to whole groups of 16;
 * sums: [rows, tokens, 16]. Meanwhile asks for the bytes that are `ahead` bytes further on, where that is not 0. */
typedef void (*ck_multiply_many)(
    const void *bytes, size_t row_bytes, size_t rows, size_t columns, const float *x, size_t x_stride, size_t tokens,
    float *sums, ptrdiff_t ahead);

/* What a stored type brings. */
typedef struct ck_row_kernels {
  ck_decode decode;
  ck_multiply_few multiply_few;
  /* Up to so many tokens it is faster than the one for many, or no slower. */
  size_t few;
  ck_multiply_many multiply_many;
} ck_row_kernels;

/* Kernels of a type; NULL for a set that this architecture does not have. Whether the processor has
 * it is for the caller to know: asking takes long on a virtual machine. */
const ck_row_kernels *_Nullable ck_f32_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_f16_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_bf16_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q8_0_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q4_0_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q4_1_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q5_0_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q5_1_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q2_k_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q3_k_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q4_k_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q5_k_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_q6_k_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_iq4_nl_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_iq4_xs_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_tq1_0_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_tq2_0_kernels(ck_set set);
const ck_row_kernels *_Nullable ck_mxfp4_kernels(ck_set set);

/* Kernels of a type that rounds several values to one point.
 * points: of each its values, 8 signed bytes or 4; the same at every call, and there for good. */
const ck_row_kernels *_Nullable ck_iq3_s_kernels(ck_set set, const int8_t *points);
const ck_row_kernels *_Nullable ck_iq3_xxs_kernels(ck_set set, const int8_t *points);
const ck_row_kernels *_Nullable ck_iq2_s_kernels(ck_set set, const int8_t *points);
const ck_row_kernels *_Nullable ck_iq2_xs_kernels(ck_set set, const int8_t *points);
const ck_row_kernels *_Nullable ck_iq2_xxs_kernels(ck_set set, const int8_t *points);
const ck_row_kernels *_Nullable ck_iq1_m_kernels(ck_set set, const int8_t *points);
const ck_row_kernels *_Nullable ck_iq1_s_kernels(ck_set set, const int8_t *points);

/* The points that types round several values to as one.
 * places: for every code, the levels of some values one above the other: the number of the point that has it or, where none
 * has, -1 less the place of a run of neighbours.
 * neighbours: runs: how many eights, then codes of points, the last one repeated to fill. */
typedef struct ck_codebook {
  const int32_t *places;
  const uint16_t *neighbours;
} ck_codebook;

/* Encodes rows of finite floats, which lie together, as rows of whole blocks.
 * weights: the importance of each column, or NULL where all count the same. codebook: the type's; NULL where it has none. */
typedef void (*ck_encode)(
    const float *values, const float *_Nullable weights, size_t rows, size_t columns, void *bytes,
    const ck_codebook *_Nullable codebook);

/* The encoder of a type; NULL as above. */
ck_encode _Nullable ck_f16_encoder(ck_set set);
ck_encode _Nullable ck_bf16_encoder(ck_set set);
ck_encode _Nullable ck_q8_0_encoder(ck_set set);
ck_encode _Nullable ck_q4_0_encoder(ck_set set);
ck_encode _Nullable ck_q4_1_encoder(ck_set set);
ck_encode _Nullable ck_q5_0_encoder(ck_set set);
ck_encode _Nullable ck_q5_1_encoder(ck_set set);
ck_encode _Nullable ck_q2_k_encoder(ck_set set);
ck_encode _Nullable ck_q3_k_encoder(ck_set set);
ck_encode _Nullable ck_q4_k_encoder(ck_set set);
ck_encode _Nullable ck_q5_k_encoder(ck_set set);
ck_encode _Nullable ck_q6_k_encoder(ck_set set);
ck_encode _Nullable ck_iq4_nl_encoder(ck_set set);
ck_encode _Nullable ck_iq4_xs_encoder(ck_set set);
ck_encode _Nullable ck_iq3_s_encoder(ck_set set);
ck_encode _Nullable ck_iq3_xxs_encoder(ck_set set);
ck_encode _Nullable ck_iq2_s_encoder(ck_set set);
ck_encode _Nullable ck_iq2_xs_encoder(ck_set set);
ck_encode _Nullable ck_iq2_xxs_encoder(ck_set set);
ck_encode _Nullable ck_iq1_m_encoder(ck_set set);
ck_encode _Nullable ck_iq1_s_encoder(ck_set set);
ck_encode _Nullable ck_tq1_0_encoder(ck_set set);
ck_encode _Nullable ck_tq2_0_encoder(ck_set set);
ck_encode _Nullable ck_mxfp4_encoder(ck_set set);

/* The largest of the magnitudes' bit patterns: infinities are above all numbers, and NaNs above those. */
typedef uint32_t (*ck_magnitude)(const float *values, size_t count);
ck_magnitude _Nullable ck_largest_magnitude(ck_set set);

/* Sums over pairs of values, a lane for each index modulo 16. */
typedef struct ck_error_sums {
  double squares[16], source[16], decoded[16], products[16];
  float largest[16];
} ck_error_sums;

/* Adds pairs: squared differences, squares, products, and the largest difference. */
typedef void (*ck_add_errors)(const float *source, const float *decoded, size_t count, ck_error_sums *sums);
ck_add_errors _Nullable ck_error_adder(ck_set set);

/* What does not depend on a stored type. */
typedef struct ck_kernels {
  /* Folds such sums: y[t * y_stride + r]. */
  void (*fold)(const float *sums, size_t rows, size_t tokens, float *y, size_t y_stride);
  /* y[c] += weights[r] * row r [c], for r ascending, fused. */
  void (*add_weighted_rows)(
      const float *weights, const float *values, size_t stride, size_t rows, size_t columns, float *y);
  /* x = exp(x * scale - max(x * scale)); returns the sum. */
  float (*softmax)(float *x, size_t count, float scale);
  /* x = x / (1 + exp(-x)). */
  void (*silu)(float *x, size_t count);
  /* x = x / (1 + exp(-x)) * factor. */
  void (*silu_multiply)(float *x, const float *factor, size_t count);
  /* The sum of exp(x - maximum), in double precision. */
  double (*sum_exponentials)(const float *x, size_t count, float maximum);
} ck_kernels;

/* The kernels of a set; NULL for a set that this architecture does not have. */
const ck_kernels *_Nullable ck_vector_kernels(ck_set set);

/* Tells the processor that this thread waits in a loop. */
static inline void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

#pragma clang assume_nonnull end

#endif
