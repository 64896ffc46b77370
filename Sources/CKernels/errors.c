#define CK_BODY "errors.inc"
#include "each_set.h"

ck_add_errors ck_error_adder(ck_set set) { CK_SELECT_FUNCTION(set, add_errors) }
