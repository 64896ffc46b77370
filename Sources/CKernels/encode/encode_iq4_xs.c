/* Encodes GGUF IQ4_XS. */
#define CK_BLOCK 256
#define CK_BLOCK_BYTES 136
#define CK_BODY "encode_iq4_xs.inc"
#include "each_set.h"

ck_encode ck_iq4_xs_encoder(ck_set set) { CK_SELECT_FUNCTION(set, encode) }
