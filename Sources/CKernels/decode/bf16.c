/* bfloat16. */
#define CK_BLOCK 16
#define CK_BLOCK_BYTES 32
#define CK_BODY "bf16.inc"
#include "each_set.h"

const ck_row_kernels *ck_bf16_kernels(ck_set set) { CK_SELECT(set, row_kernels) }

ck_encode ck_bf16_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
