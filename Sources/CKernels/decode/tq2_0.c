/* GGUF TQ2_0: 256 ternary digits of 2 bits, a half. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 66
#define CK_BODY "tq2_0.inc"
#include "each_set.h"

const ck_row_kernels *ck_tq2_0_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
