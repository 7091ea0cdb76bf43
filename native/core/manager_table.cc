#include "manager_table.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sharedctypes {

namespace {

constexpr char FOLDER[] = "/dev/shm/";
constexpr size_t FOLDER_LENGTH = sizeof FOLDER - 1;

struct Path {
  char text[FOLDER_LENGTH + 256];
};

// false for a free record, and for what is no name in that folder: what removes files believes nobody.
bool path_of(const TableRecord& record, Path* path) {
  if (record.length == 0 || memchr(record.name, '/', record.length) != nullptr) return false;
  memcpy(path->text, FOLDER, FOLDER_LENGTH);
  memcpy(path->text + FOLDER_LENGTH, record.name, record.length);
  path->text[FOLDER_LENGTH + record.length] = '\0';
  return true;
}

bool leads_to(const Path& path, const TableRecord& record) {
  struct stat info;
  if (fstatat(AT_FDCWD, path.text, &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
  return S_ISREG(info.st_mode) && info.st_ino == record.inode && info.st_dev == record.device;
}

}  // namespace

bool names_its_block(const TableRecord& record) {
  Path path;
  return path_of(record, &path) && leads_to(path, record);
}

void unlink_recorded(int table) {
  TableRecord records[15];  // about a page
  Path path;
  for (off_t at = 0;;) {
    const ssize_t got = pread(table, records, sizeof records, at);
    if (got < 0 && errno == EINTR) continue;
    const size_t count = got < 0 ? 0 : static_cast<size_t>(got) / sizeof(TableRecord);
    if (count == 0) return;
    for (size_t i = 0; i < count; ++i) {
      if (path_of(records[i], &path) && leads_to(path, records[i])) unlink(path.text);
    }
    at += static_cast<off_t>(count * sizeof(TableRecord));
  }
}

}  // namespace sharedctypes
