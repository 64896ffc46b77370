/* GGUF IQ3_XXS: a half, 64 numbers of points of 4, and for 8 groups four sign patterns of 7 bits and a scale of 4. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 98
#define CK_BODY "iq3_xxs.inc"
#define CK_POINT_VALUES 4
#define CK_POINTS 256
#include "points.h"
#include "each_set.h"

const ck_row_kernels *ck_iq3_xxs_kernels(ck_set set, const int8_t *points) {
  ck_set_points(points);
  CK_SELECT(set, row_kernels)
}
