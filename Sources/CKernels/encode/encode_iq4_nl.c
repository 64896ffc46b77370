/* Encodes GGUF IQ4_NL. */
#define CK_BLOCK 32
#define CK_BLOCK_BYTES 18
#define CK_BODY "encode_iq4_nl.inc"
#include "each_set.h"

ck_encode ck_iq4_nl_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
