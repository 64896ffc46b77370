#include <archive.h>
#include <archive_entry.h>

/* Cast macros, which the Swift importer skips. */
static const unsigned int CArchive_AE_IFREG = AE_IFREG;
static const unsigned int CArchive_AE_IFDIR = AE_IFDIR;
static const unsigned int CArchive_AE_IFLNK = AE_IFLNK;
