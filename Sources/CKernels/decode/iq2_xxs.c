/* GGUF IQ2_XXS: a half, and for 8 groups four numbers of points of 8, four sign patterns of 7 bits and a scale of 4. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 66
#define CK_BODY "iq2_xxs.inc"
#define CK_POINT_VALUES 8
#define CK_POINTS 256
#include "points.h"
#include "each_set.h"

const ck_row_kernels *ck_iq2_xxs_kernels(ck_set set, const int8_t *points) {
  ck_set_points(points);
  CK_SELECT(set, row_kernels)
}
