/* IEEE single. */
#define CK_BLOCK 16
#define CK_BLOCK_BYTES 64
#define CK_BODY "f32.inc"
#include "each_set.h"

const ck_row_kernels *ck_f32_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
