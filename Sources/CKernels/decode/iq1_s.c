/* GGUF IQ1_S: a half, 32 numbers of points of 8 digits, and for 8 groups their upper bits, a scale of 3 bits and a shift. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 50
#define CK_BODY "iq1_s.inc"
#define CK_POINT_VALUES 8
#include "points.h"
#include "each_set.h"

const ck_row_kernels *ck_iq1_s_kernels(ck_set set, const int8_t *points) {
  ck_set_points(points);
  CK_SELECT(set, row_kernels)
}
