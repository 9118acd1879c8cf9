#include "tests/support/crash_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <utility>
#include <vector>

namespace persona_runtime::testing {
namespace {

constexpr auto never = std::numeric_limits<std::uint64_t>::max();
constexpr auto torn_bytes = std::size_t{512};

struct handle;

/// A change that is not synced yet: bytes written at an offset, or a new length.
struct change {
  std::size_t offset = 0;
  std::string bytes;
  bool is_length = false;
};

struct shared_memory {
  std::vector<std::unique_ptr<std::byte[]>> regions;
  std::array<std::vector<const handle*>, SQLITE_SHM_NLOCK> shared;
  std::array<const handle*, SQLITE_SHM_NLOCK> exclusive{};
};

struct file {
  std::string bytes;
  std::string synced;
  std::vector<change> unsynced;
  std::map<const handle*, int> locks;
  std::unique_ptr<shared_memory> memory;
};

void write_at(std::string& bytes, std::size_t offset, std::string_view piece) {
  if (bytes.size() < offset + piece.size())
    bytes.resize(offset + piece.size());
  std::copy(piece.begin(), piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

/// Applies what chance keeps of the changes that were not synced.
std::string after_power_loss(const file& lost, std::mt19937_64& chance) {
  auto bytes = lost.synced;
  for (const auto& change : lost.unsynced) {
    if (change.is_length) {
      if (chance() % 2 == 0)
        bytes.resize(change.offset);
      continue;
    }
    const auto whole = chance() % 3;  // 0: nothing of it, 1: all of it, 2: parts
    for (auto at = std::size_t{0}; at < change.bytes.size(); at += torn_bytes) {
      if (whole == 1 || (whole == 2 && chance() % 2 == 0))
        write_at(bytes, change.offset + at, std::string_view{change.bytes}.substr(at, torn_bytes));
    }
  }
  return bytes;
}

}  // namespace

struct crash_vfs::disk {
  std::mutex lock;
  std::string name;
  sqlite3_vfs vfs{};
  std::map<std::string, std::shared_ptr<file>> files;
  std::uint64_t operations = 0;
  std::uint64_t fails_at = never;
  std::uint64_t stops_at = never;
  bool failed = false;
  bool full = false;
  bool syncs_fail = false;

  /// Counts an operation; true when it has to fail.
  bool strikes() {
    const auto now = ++operations;
    failed = failed || now == fails_at;
    return now == fails_at || now >= stops_at;
  }
};

namespace {

struct handle {
  sqlite3_file base{};
  crash_vfs::disk* disk = nullptr;
  std::shared_ptr<file> of;
  std::string path;
  bool delete_on_close = false;
};

handle& opened(sqlite3_file* f) {
  return *reinterpret_cast<handle*>(f);
}

crash_vfs::disk& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<crash_vfs::disk*>(vfs->pAppData);
}

int close_file(sqlite3_file* f) {
  auto& h = opened(f);
  {
    const auto guard = std::lock_guard{h.disk->lock};
    h.of->locks.erase(&h);
    if (h.delete_on_close)
      h.disk->files.erase(h.path);
  }
  h.~handle();
  return SQLITE_OK;
}

int read_file(sqlite3_file* f, void* to, int size, sqlite3_int64 offset) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  if (h.disk->strikes())
    return SQLITE_IOERR_READ;
  const auto wanted = static_cast<std::size_t>(size);
  const auto from = std::min(static_cast<std::size_t>(offset), h.of->bytes.size());
  const auto got = std::min(wanted, h.of->bytes.size() - from);
  std::memset(to, 0, wanted);
  std::memcpy(to, h.of->bytes.data() + from, got);
  return got == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* f, const void* from, int size, sqlite3_int64 offset) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  if (h.disk->strikes())
    return SQLITE_IOERR_WRITE;
  const auto at = static_cast<std::size_t>(offset);
  auto piece = std::string{static_cast<const char*>(from), static_cast<std::size_t>(size)};
  if (h.disk->full && at + piece.size() > h.of->bytes.size())
    return SQLITE_FULL;
  write_at(h.of->bytes, at, piece);
  h.of->unsynced.push_back({at, std::move(piece)});
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* f, sqlite3_int64 size) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  if (h.disk->strikes())
    return SQLITE_IOERR_TRUNCATE;
  h.of->bytes.resize(static_cast<std::size_t>(size));
  h.of->unsynced.push_back({static_cast<std::size_t>(size), {}, true});
  return SQLITE_OK;
}

int sync_file(sqlite3_file* f, int) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  if (h.disk->strikes() || h.disk->syncs_fail)
    return SQLITE_IOERR_FSYNC;
  h.of->synced = h.of->bytes;
  h.of->unsynced.clear();
  return SQLITE_OK;
}

int size_of_file(sqlite3_file* f, sqlite3_int64* size) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  if (h.disk->strikes())
    return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(h.of->bytes.size());
  return SQLITE_OK;
}

/// Whether somebody else holds a lock of at least this level.
bool held_elsewhere(const handle& h, int level) {
  return std::ranges::any_of(
    h.of->locks, [&](const auto& held) { return held.first != &h && held.second >= level; });
}

int lock_file(sqlite3_file* f, int level) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  auto& mine = h.of->locks[&h];
  if (mine >= level)
    return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED && held_elsewhere(h, SQLITE_LOCK_PENDING))
    return SQLITE_BUSY;
  if (level >= SQLITE_LOCK_RESERVED && held_elsewhere(h, SQLITE_LOCK_RESERVED))
    return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && held_elsewhere(h, SQLITE_LOCK_SHARED)) {
    mine = SQLITE_LOCK_PENDING;
    return SQLITE_BUSY;
  }
  mine = level;
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* f, int level) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  auto& mine = h.of->locks[&h];
  mine = std::min(mine, level);
  return SQLITE_OK;
}

int is_reserved(sqlite3_file* f, int* answer) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  *answer = std::ranges::any_of(
    h.of->locks, [](const auto& held) { return held.second >= SQLITE_LOCK_RESERVED; });
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
  return 4'096;
}

int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_memory(sqlite3_file* f, int index, int size, int extend, volatile void** region) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  *region = nullptr;
  if (h.disk->strikes())
    return SQLITE_IOERR_SHMMAP;
  if (!h.of->memory)
    h.of->memory = std::make_unique<shared_memory>();
  auto& regions = h.of->memory->regions;
  const auto wanted = static_cast<std::size_t>(index);
  if (wanted >= regions.size() && extend == 0)
    return SQLITE_OK;
  while (regions.size() <= wanted)
    regions.push_back(std::make_unique<std::byte[]>(static_cast<std::size_t>(size)));
  *region = regions[wanted].get();
  return SQLITE_OK;
}

bool is_taken(const shared_memory& memory, std::size_t slot, const handle* by, bool exclusively) {
  const auto* owner = memory.exclusive[slot];
  const auto others =
    std::ranges::any_of(memory.shared[slot], [&](const handle* other) { return other != by; });
  return (owner != nullptr && owner != by) || (exclusively && others);
}

int lock_memory(sqlite3_file* f, int offset, int count, int flags) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  if (!h.of->memory)
    return SQLITE_IOERR_SHMLOCK;
  auto& memory = *h.of->memory;
  const auto exclusively = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const auto begin = static_cast<std::size_t>(offset);
  const auto end = begin + static_cast<std::size_t>(count);
  const auto wanted = (flags & SQLITE_SHM_LOCK) != 0;
  for (auto slot = begin; slot < end; ++slot) {
    if (wanted && is_taken(memory, slot, &h, exclusively))
      return SQLITE_BUSY;
  }
  for (auto slot = begin; slot < end; ++slot) {
    std::erase(memory.shared[slot], &h);
    if (memory.exclusive[slot] == &h)
      memory.exclusive[slot] = nullptr;
    if (!wanted)
      continue;
    if (exclusively) {
      memory.exclusive[slot] = &h;
    } else {
      memory.shared[slot].push_back(&h);
    }
  }
  return SQLITE_OK;
}

void memory_barrier(sqlite3_file* f) {
  const auto guard = std::lock_guard{opened(f).disk->lock};
}

int unmap_memory(sqlite3_file* f, int remove) {
  auto& h = opened(f);
  const auto guard = std::lock_guard{h.disk->lock};
  if (!h.of->memory)
    return SQLITE_OK;
  for (auto slot = std::size_t{0}; slot < SQLITE_SHM_NLOCK; ++slot) {
    std::erase(h.of->memory->shared[slot], &h);
    if (h.of->memory->exclusive[slot] == &h)
      h.of->memory->exclusive[slot] = nullptr;
  }
  if (remove != 0)
    h.of->memory.reset();
  return SQLITE_OK;
}

const auto methods = sqlite3_io_methods{2,
                                        close_file,
                                        read_file,
                                        write_file,
                                        truncate_file,
                                        sync_file,
                                        size_of_file,
                                        lock_file,
                                        unlock_file,
                                        is_reserved,
                                        control_file,
                                        sector_size,
                                        characteristics,
                                        map_memory,
                                        lock_memory,
                                        memory_barrier,
                                        unmap_memory,
                                        nullptr,
                                        nullptr};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* to, int flags, int* out_flags) {
  auto& disk = disk_of(vfs);
  const auto guard = std::lock_guard{disk.lock};
  to->pMethods = nullptr;
  if (disk.strikes())
    return SQLITE_CANTOPEN;
  static auto temporary = std::atomic<int>{0};
  auto name = path != nullptr ? std::string{path} : "temporary " + std::to_string(++temporary);
  auto found = disk.files.find(name);
  if (found == disk.files.end()) {
    if ((flags & SQLITE_OPEN_CREATE) == 0)
      return SQLITE_CANTOPEN;
    found = disk.files.emplace(name, std::make_shared<file>()).first;
  }
  auto* h = new (to) handle{};
  h->base.pMethods = &methods;
  h->disk = &disk;
  h->of = found->second;
  h->path = std::move(name);
  h->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  if (out_flags != nullptr)
    *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int) {
  auto& disk = disk_of(vfs);
  const auto guard = std::lock_guard{disk.lock};
  if (disk.strikes())
    return SQLITE_IOERR_DELETE;
  return disk.files.erase(path) != 0 ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

int look_for_file(sqlite3_vfs* vfs, const char* path, int flags, int* answer) {
  auto& disk = disk_of(vfs);
  const auto guard = std::lock_guard{disk.lock};
  if (disk.strikes())
    return SQLITE_IOERR_ACCESS;
  const auto found = disk.files.find(path);
  *answer =
    found != disk.files.end() && (flags != SQLITE_ACCESS_EXISTS || !found->second->bytes.empty());
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* to) {
  sqlite3_snprintf(size, to, "%s", path);
  return SQLITE_OK;
}

sqlite3_vfs* system_vfs() {
  static auto* const found = sqlite3_vfs_find(nullptr);
  return found;
}

void register_vfs(crash_vfs::disk& disk) {
  auto& vfs = disk.vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(handle);
  vfs.mxPathname = 1'024;
  vfs.zName = disk.name.c_str();
  vfs.pAppData = &disk;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = look_for_file;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = [](sqlite3_vfs*, int size, char* to) {
    return system_vfs()->xRandomness(system_vfs(), size, to);
  };
  vfs.xSleep = [](sqlite3_vfs*, int microseconds) { return microseconds; };
  vfs.xCurrentTime = [](sqlite3_vfs*, double* now) {
    *now = 2'460'000.5;
    return SQLITE_OK;
  };
  vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  sqlite3_vfs_register(&vfs, 0);
}

}  // namespace

crash_vfs::crash_vfs() : disk_{std::make_unique<disk>()} {
  static auto made = std::atomic<int>{0};
  disk_->name = "crash " + std::to_string(++made);
  register_vfs(*disk_);
}

crash_vfs::~crash_vfs() {
  sqlite3_vfs_unregister(&disk_->vfs);
}

const std::string& crash_vfs::name() const {
  return disk_->name;
}

std::uint64_t crash_vfs::operations() const {
  const auto guard = std::lock_guard{disk_->lock};
  return disk_->operations;
}

void crash_vfs::fail_nth(std::uint64_t n) {
  const auto guard = std::lock_guard{disk_->lock};
  disk_->failed = false;
  disk_->fails_at = n == 0 ? never : disk_->operations + n;
}

bool crash_vfs::has_failed() const {
  const auto guard = std::lock_guard{disk_->lock};
  return disk_->failed;
}

void crash_vfs::fail_syncs(bool now) {
  const auto guard = std::lock_guard{disk_->lock};
  disk_->syncs_fail = now;
}

void crash_vfs::fill(bool now) {
  const auto guard = std::lock_guard{disk_->lock};
  disk_->full = now;
}

void crash_vfs::stop_at(std::uint64_t n) {
  const auto guard = std::lock_guard{disk_->lock};
  disk_->stops_at = disk_->operations + n;
}

void crash_vfs::lose_process() {
  const auto guard = std::lock_guard{disk_->lock};
  disk_->stops_at = never;
  for (auto& [path, kept] : disk_->files)
    kept->memory.reset();
}

void crash_vfs::lose_power(std::uint64_t seed) {
  lose_process();
  const auto guard = std::lock_guard{disk_->lock};
  auto chance = std::mt19937_64{seed};
  for (auto& [path, kept] : disk_->files) {
    kept->bytes = after_power_loss(*kept, chance);
    kept->synced = kept->bytes;
    kept->unsynced.clear();
  }
}

std::string crash_vfs::bytes_of(const std::string& path) const {
  const auto guard = std::lock_guard{disk_->lock};
  const auto found = disk_->files.find(path);
  return found == disk_->files.end() ? std::string{} : found->second->bytes;
}

void crash_vfs::overwrite(const std::string& path, std::string bytes) {
  const auto guard = std::lock_guard{disk_->lock};
  auto& kept = disk_->files[path];
  if (!kept)
    kept = std::make_shared<file>();
  kept->bytes = bytes;
  kept->synced = std::move(bytes);
  kept->unsynced.clear();
}

}  // namespace persona_runtime::testing
