/* GGUF Q5_0: a scale in half precision, 32 fifth bits, then 32 nibbles. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 22
#define CK_BODY "q5_0.inc"
#include "each_set.h"

const ck_row_kernels *ck_q5_0_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
