/* Encodes GGUF Q4_K. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 144
#define CK_BITS 4
#define CK_FIRST -1.0f
#define CK_TRIALS 21
#define CK_BODY "encode_affine_k.inc"
#include "each_set.h"

ck_encode ck_q4_k_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
