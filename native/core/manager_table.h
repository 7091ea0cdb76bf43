// The table by which a SharedMemoryManager tells its helper process what to remove: records in an anonymous file that both have open. Part
// of the helper too, so plain C++ without its library.
//
// The manager writes, alone; the helper reads, once, when the manager's process is dead. A record is written before its block gets its
// name, so a kill at any instruction leaves no name that the table does not have.
#ifndef SHAREDCTYPES_CORE_MANAGER_TABLE_H
#define SHAREDCTYPES_CORE_MANAGER_TABLE_H

#include <stddef.h>
#include <stdint.h>

namespace sharedctypes {

struct TableRecord {
  uint64_t inode;
  uint64_t device;
  char name[255];
  // Of the name; 0: the record is free. Written last, by a write of its own, and the first to be cleared: who dies in between leaves a free
  // record, whose block has no name yet. Last in the record too, so that an append that was cut short is no record at all.
  uint8_t length;
};
static_assert(sizeof(TableRecord) == 272 && offsetof(TableRecord, length) == 271, "two processes share it");

// Whether the record's name leads to the record's file still, and not to another's.
bool names_its_block(const TableRecord& record);

// Removes the names of all blocks in the table that still lead to them.
void unlink_recorded(int table);

}  // namespace sharedctypes

#endif
