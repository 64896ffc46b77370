/* GGUF TQ1_0: 256 ternary digits, five to a byte, a half. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 54
#define CK_BODY "tq1_0.inc"
#include "each_set.h"

const ck_row_kernels *ck_tq1_0_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
