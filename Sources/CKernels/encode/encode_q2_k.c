/* Encodes GGUF Q2_K. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 84
#define CK_BODY "encode_q2_k.inc"
#include "each_set.h"

ck_encode ck_q2_k_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
