/* GGUF IQ1_M: 32 numbers of points of 8 digits, nibbles with their upper bits and shifts, scales of 16 groups and a half. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 56
#define CK_BODY "iq1_m.inc"
#define CK_POINT_VALUES 8
#include "points.h"
#include "each_set.h"

const ck_row_kernels *ck_iq1_m_kernels(ck_set set, const int8_t *points) {
  ck_set_points(points);
  CK_SELECT(set, row_kernels)
}
