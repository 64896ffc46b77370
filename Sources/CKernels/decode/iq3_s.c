/* GGUF IQ3_S: a half, 64 numbers of points of 4 (9 bits, the ninth apart), signs, scales of 8 groups. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 110
#define CK_BODY "iq3_s.inc"
#define CK_POINT_VALUES 4
#define CK_POINTS 512
#include "points.h"
#include "each_set.h"

const ck_row_kernels *ck_iq3_s_kernels(ck_set set, const int8_t *points) {
  ck_set_points(points);
  CK_SELECT(set, row_kernels)
}
