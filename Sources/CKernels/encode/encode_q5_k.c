/* Encodes GGUF Q5_K. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 176
#define CK_BITS 5
#define CK_FIRST -0.5f
#define CK_TRIALS 16
#define CK_BODY "encode_affine_k.inc"
#include "each_set.h"

ck_encode ck_q5_k_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
