/* GGUF IQ2_S: a half, 32 numbers of points of 8 (10 bits, the upper 2 apart), signs, scales of 16 groups. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 82
#define CK_BODY "iq2_s.inc"
#define CK_POINT_VALUES 8
#define CK_POINTS 1024
#include "points.h"
#include "each_set.h"

const ck_row_kernels *ck_iq2_s_kernels(ck_set set, const int8_t *points) {
  ck_set_points(points);
  CK_SELECT(set, row_kernels)
}
