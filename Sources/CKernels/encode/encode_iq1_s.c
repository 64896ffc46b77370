/* Encodes GGUF IQ1_S. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 50
#define CK_BODY "encode_iq1_s.inc"
#include "each_set.h"

ck_encode ck_iq1_s_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
