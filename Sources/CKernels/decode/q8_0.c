/* GGUF Q8_0: a scale in half precision, then 32 signed bytes. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 34
#define CK_BODY "q8_0.inc"
#include "each_set.h"

const ck_row_kernels *ck_q8_0_kernels(ck_set set) { CK_SELECT(set, row_kernels) }

ck_encode ck_q8_0_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
