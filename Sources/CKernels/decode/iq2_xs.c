/* GGUF IQ2_XS: a half, 32 numbers of points of 8 (9 bits) with sign patterns (7 bits), scales of 16 groups. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 74
#define CK_BODY "iq2_xs.inc"
#define CK_POINT_VALUES 8
#define CK_POINTS 512
#include "points.h"
#include "each_set.h"

const ck_row_kernels *ck_iq2_xs_kernels(ck_set set, const int8_t *points) {
  ck_set_points(points);
  CK_SELECT(set, row_kernels)
}
