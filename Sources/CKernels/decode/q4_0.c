/* GGUF Q4_0: a scale in half precision, then 32 nibbles. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 18
#define CK_BODY "q4_0.inc"
#include "each_set.h"

const ck_row_kernels *ck_q4_0_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
