// Leases: descriptors of auto-named raw blocks that this process made and uses no more. Whoever learned such a name may come yet, and
// must not find that the block was taken for an orphan (orphans.h).
//
// When somebody else unlinks the block, its memory would be held for nothing, and nothing tells us. So a thread looks once a second, while
// there are any.
#ifndef SHAREDCTYPES_CORE_LEASES_H
#define SHAREDCTYPES_CORE_LEASES_H

#include <sys/stat.h>

#include <unordered_set>

namespace sharedctypes {

// Takes the descriptor.
void lease_keep(ino_t inode, int fd);
// Drops those of blocks that have been unlinked.
void leases_tend();
// Drops that of a block that we have unlinked ourselves.
void lease_drop(ino_t inode);
void leases_add_inodes(std::unordered_set<ino_t>* inodes);

bool is_linked(int fd);

}  // namespace sharedctypes

#endif
