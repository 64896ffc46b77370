#include <cblas.h>

/* LAPACK's routines in the same library, whose header is another package. */
void sgetrf_(const int *m, const int *n, float *a, const int *lda, int *ipiv, int *info);
void sgetrs_(
    const char *trans, const int *n, const int *nrhs, const float *a, const int *lda, const int *ipiv, float *b,
    const int *ldb, int *info);
