/* Encodes GGUF IQ1_M. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 56
#define CK_BODY "encode_iq1_m.inc"
#include "each_set.h"

ck_encode ck_iq1_m_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
