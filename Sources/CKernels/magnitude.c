#define CK_BODY "magnitude.inc"
#include "each_set.h"

ck_magnitude ck_largest_magnitude(ck_set set) { CK_SELECT_FUNCTION(set, largest_magnitude) }
