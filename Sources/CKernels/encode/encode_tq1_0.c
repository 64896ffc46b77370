/* Encodes GGUF TQ1_0. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 54
#define CK_BODY "encode_tq1_0.inc"
#include "each_set.h"

ck_encode ck_tq1_0_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
