// What a build knows of the sources that it was made from.
#ifndef GRIFFIN_CBUILD_H
#define GRIFFIN_CBUILD_H

// The commit, with `+` or a word behind it where files had been changed since; empty where nobody said it. Static, not to be freed.
const char *griffin_build_commit(void);

#endif
