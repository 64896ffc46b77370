/* GGUF Q5_1: a scale and a minimum in half precision, 32 fifth bits, then 32 nibbles. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 24
#define CK_BODY "q5_1.inc"
#include "each_set.h"

const ck_row_kernels *ck_q5_1_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
