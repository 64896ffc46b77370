/* Prints a digest of what every kernel of one instruction set computes from the same made-up numbers.
 * Two sets that keep the definition print the same lines. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

/* More columns than the first-level cache holds of three tokens. */
enum { rows = 64, columns = 2560, tokens = 60, lanes = 16 };

static uint64_t state;

static uint32_t next_bits(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 16);
}

/* -1 to 1, in steps of 1/10000. */
static float next_float(void) { return (float)((int)(next_bits() % 20001) - 10000) / 10000; }

static void fill(float *values, size_t count, float scale) {
  for (size_t i = 0; i < count; i++) values[i] = next_float() * next_float() * scale;
}

/* FNV-1a. */
static void print_digest(const void *bytes, size_t count) {
  uint64_t digest = 0xcbf29ce484222325;
  for (size_t i = 0; i < count; i++) digest = (digest ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3;
  printf(" %016llx", (unsigned long long)digest);
}

static float weights[rows * columns], decoded[rows * columns], importance[columns], x[tokens * columns], y[tokens * rows];
static uint8_t encoded[rows * columns * 4];

/* Decodes what is encoded, and multiplies few tokens and several. */
static void products(const ck_kernels *vectors, const ck_row_kernels *kernels, size_t elements, size_t bytes) {
  kernels->decode(encoded, rows * columns, decoded);
  print_digest(decoded, sizeof decoded);
  /* An odd number of rows: some are done alone. */
  fill(x, tokens * columns, 1);
  for (size_t count = 1; count <= kernels->few; count++) {
    memset(y, 0, sizeof y);
    kernels->multiply_few(encoded, columns / elements * bytes, rows - 1, columns, x, columns, count, y, rows);
    print_digest(y, sizeof y);
  }
  /* Several tokens; rows that fill no tile, and with plain numbers a group that is not full. */
  static float sums[ck_panel_rows * tokens * lanes];
  fill(x, tokens * columns, 1);
  const size_t width = elements > lanes ? ck_panel_columns : ck_panel_columns - 5;
  for (size_t t = 0; t < tokens; t++) memset(x + t * columns + width, 0, (ck_panel_columns - width) * sizeof *x);
  for (size_t count = 1; count <= tokens; count += count < 9 ? 1 : 17) {
    memset(sums, 0, sizeof sums);
    memset(y, 0, sizeof y);
    kernels->multiply_many(
        encoded, columns / elements * bytes, ck_panel_rows - 1, width, x, columns, count, sums, count % 2 ? 64 : 0);
    vectors->fold(sums, ck_panel_rows - 1, count, y, rows);
    print_digest(y, sizeof y);
  }
  puts("");
}

/* Encodes without and with importance, then decodes and multiplies. */
static void stored_type(
    const char *name, const ck_kernels *vectors, const ck_row_kernels *kernels, ck_encode encode, size_t elements, size_t bytes) {
  state = 12345;
  fill(weights, rows * columns, 0.3f);
  for (size_t i = 0; i < columns; i++) importance[i] = fabsf(next_float()) + 0.01f;
  memset(encoded, 0, sizeof encoded);
  printf("%s", name);
  if (encode) {
    encode(weights, NULL, rows, columns, encoded, NULL);
    print_digest(encoded, sizeof encoded);
    encode(weights, importance, rows, columns, encoded, NULL);
  } else {
    memcpy(encoded, weights, sizeof weights);
  }
  print_digest(encoded, sizeof encoded);
  products(vectors, kernels, elements, bytes);
}

static void vectors(const ck_kernels *kernels) {
  float *values = decoded, factors[columns];
  const size_t count = 4 * columns - 3;
  state = 777;
  fill(factors, columns, 1);
  fill(values, count, 20);
  printf("softmax %a", (double)kernels->softmax(values, count, 0.3f));
  print_digest(values, count * sizeof *values);
  fill(values, count, 20);
  kernels->silu(values, count);
  printf("\nsilu");
  print_digest(values, count * sizeof *values);
  fill(values, columns, 20);
  kernels->silu_multiply(values, factors, columns - 3);
  printf("\nsilu_multiply");
  print_digest(values, columns * sizeof *values);
  fill(values, count, 20);
  printf("\nsum_exponentials %a", kernels->sum_exponentials(values, count, 20));
  fill(weights, rows * columns, 1);
  memset(values, 0, columns * sizeof *values);
  kernels->add_weighted_rows(factors, weights, columns, rows - 4, columns / 2 - 12, values);
  printf("\nadd_weighted_rows");
  print_digest(values, columns * sizeof *values);
  puts("");
}

/* Encodes to points of a made-up codebook, of which every fifth code is one and others have a run of eight, then decodes and multiplies. */
static void points(
    const char *name, const ck_kernels *vectors, const ck_row_kernels *kernels, ck_encode encode, size_t elements, size_t bytes, int width,
    int bits, int levels) {
  static int32_t places[1 << 16];
  static uint16_t neighbours[1 << 17];
  const ck_codebook codebook = {places, neighbours};
  int count = 0, used = 0, last = 0;
  for (int code = 0; code < 1 << (width * bits); code++) {
    int is_code = 1;
    for (int i = 0; i < width; i++) is_code &= (code >> (i * bits) & ((1 << bits) - 1)) < levels;
    places[code] = 0;
    if (!is_code) continue;
    if (count++ % 5 == 0) {
      places[code] = count % 256;
      last = code;
      continue;
    }
    places[code] = -1 - used;
    neighbours[used++] = 1;
    for (int i = 0; i < 8; i++) neighbours[used++] = (uint16_t)(i == 3 ? last : 0);
  }
  state = 4242;
  fill(weights, rows * columns, 0.3f);
  for (size_t i = 0; i < columns; i++) importance[i] = fabsf(next_float()) + 0.01f;
  memset(encoded, 0, sizeof encoded);
  printf("%s", name);
  encode(weights, NULL, rows, columns, encoded, &codebook);
  print_digest(encoded, sizeof encoded);
  encode(weights, importance, rows, columns, encoded, &codebook);
  print_digest(encoded, sizeof encoded);
  products(vectors, kernels, elements, bytes);
}

int main(void) {
#if defined(__x86_64__)
  const ck_set set = ck_avx2;
#else
  const ck_set set = ck_neon;
#endif
  if (!ck_supports(set)) {
    fputs("error: this processor has neither AVX2 nor NEON\n", stderr);
    return 65;
  }
  const ck_kernels *shared = ck_vector_kernels(set);
  stored_type("f32", shared, ck_f32_kernels(set), NULL, 16, 64);
#define TYPE(name, elements, bytes) stored_type(#name, shared, ck_##name##_kernels(set), ck_##name##_encoder(set), elements, bytes);
  TYPE(f16, 16, 32)
  TYPE(bf16, 16, 32)
  TYPE(q8_0, 32, 34)
  TYPE(q4_0, 32, 18)
  TYPE(q4_1, 32, 20)
  TYPE(q5_0, 32, 22)
  TYPE(q5_1, 32, 24)
  TYPE(q2_k, 256, 84)
  TYPE(q3_k, 256, 110)
  TYPE(q4_k, 256, 144)
  TYPE(q5_k, 256, 176)
  TYPE(q6_k, 256, 210)
  TYPE(iq4_nl, 32, 18)
  TYPE(iq4_xs, 256, 136)
  static int8_t values[1 << 14];
  for (size_t i = 0; i < sizeof values; i++) values[i] = (int8_t)((int)(next_bits() % 125) - 62);
#define ENCODED(name, kernels, elements, bytes, width, bits, levels) \
  points(#name, shared, kernels, ck_##name##_encoder(set), elements, bytes, width, bits, levels);
#define POINTS(name, bytes, width, bits, levels) ENCODED(name, ck_##name##_kernels(set, values), 256, bytes, width, bits, levels)
  POINTS(iq3_s, 110, 4, 3, 8)
  POINTS(iq3_xxs, 98, 4, 3, 8)
  POINTS(iq2_s, 82, 8, 2, 3)
  POINTS(iq2_xs, 74, 8, 2, 3)
  POINTS(iq2_xxs, 66, 8, 2, 3)
  POINTS(iq1_m, 56, 8, 2, 3)
  POINTS(iq1_s, 50, 8, 2, 3)
  ENCODED(tq1_0, ck_tq1_0_kernels(set), 256, 54, 8, 2, 3)
  ENCODED(tq2_0, ck_tq2_0_kernels(set), 256, 66, 8, 2, 3)
  ENCODED(mxfp4, ck_mxfp4_kernels(set), 32, 17, 8, 2, 3)
  vectors(shared);
}
