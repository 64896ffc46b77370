/* Encodes GGUF Q6_K. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 210
#define CK_BODY "encode_q6_k.inc"
#include "each_set.h"

ck_encode ck_q6_k_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
