/* GGUF Q4_1: a scale and a minimum in half precision, then 32 nibbles. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 20
#define CK_BODY "q4_1.inc"
#include "each_set.h"

const ck_row_kernels *ck_q4_1_kernels(ck_set set) { CK_SELECT(set, row_kernels) }
