#include "tests/support/fault_vfs.h"

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <string>

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/check.h"

namespace mandos::test {

// One open file: ours in front, the real one behind it in the same memory.
struct FaultFile {
    sqlite3_file base;
    FaultVfs* vfs;
    char path[512];

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    static FaultFile* of(sqlite3_file* file) { return reinterpret_cast<FaultFile*>(file); }
    static FaultVfs* vfs_of(sqlite3_vfs* vfs) { return static_cast<FaultVfs*>(vfs->pAppData); }

    static int close(sqlite3_file* file) { return of(file)->real()->pMethods->xClose(of(file)->real()); }
    static int read(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
        return of(file)->real()->pMethods->xRead(of(file)->real(), into, amount, offset);
    }
    static int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
        if (const int code = of(file)->vfs->next_change(); code != SQLITE_OK)
            return code;
        return of(file)->real()->pMethods->xWrite(of(file)->real(), from, amount, offset);
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        if (const int code = of(file)->vfs->next_change(); code != SQLITE_OK)
            return code;
        return of(file)->real()->pMethods->xTruncate(of(file)->real(), size);
    }
    static int sync(sqlite3_file* file, int flags) {
        if (const int code = of(file)->vfs->next_change(); code != SQLITE_OK)
            return code;
        const int code = of(file)->real()->pMethods->xSync(of(file)->real(), flags);
        if (code == SQLITE_OK)
            of(file)->vfs->flushed(of(file)->path);
        return code;
    }
    static int size(sqlite3_file* file, sqlite3_int64* size) {
        return of(file)->real()->pMethods->xFileSize(of(file)->real(), size);
    }
    static int lock(sqlite3_file* file, int level) {
        return of(file)->real()->pMethods->xLock(of(file)->real(), level);
    }
    static int unlock(sqlite3_file* file, int level) {
        return of(file)->real()->pMethods->xUnlock(of(file)->real(), level);
    }
    static int check_lock(sqlite3_file* file, int* result) {
        return of(file)->real()->pMethods->xCheckReservedLock(of(file)->real(), result);
    }
    static int control(sqlite3_file* file, int operation, void* argument) {
        return of(file)->real()->pMethods->xFileControl(of(file)->real(), operation, argument);
    }
    static int sector_size(sqlite3_file* file) {
        return of(file)->real()->pMethods->xSectorSize(of(file)->real());
    }
    static int characteristics(sqlite3_file*) { return 0; } // nothing is promised beyond what was flushed
    static int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** map) {
        return of(file)->real()->pMethods->xShmMap(of(file)->real(), page, size, extend, map);
    }
    static int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
        return of(file)->real()->pMethods->xShmLock(of(file)->real(), offset, count, flags);
    }
    static void shm_barrier(sqlite3_file* file) { of(file)->real()->pMethods->xShmBarrier(of(file)->real()); }
    static int shm_unmap(sqlite3_file* file, int remove) {
        return of(file)->real()->pMethods->xShmUnmap(of(file)->real(), remove);
    }

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
        static constexpr sqlite3_io_methods methods{
            .iVersion = 2,
            .xClose = close,
            .xRead = read,
            .xWrite = write,
            .xTruncate = truncate,
            .xSync = sync,
            .xFileSize = size,
            .xLock = lock,
            .xUnlock = unlock,
            .xCheckReservedLock = check_lock,
            .xFileControl = control,
            .xSectorSize = sector_size,
            .xDeviceCharacteristics = characteristics,
            .xShmMap = shm_map,
            .xShmLock = shm_lock,
            .xShmBarrier = shm_barrier,
            .xShmUnmap = shm_unmap,
            .xFetch = nullptr,
            .xUnfetch = nullptr,
        };
        auto* opened = new (file) FaultFile{.base = {.pMethods = nullptr}, .vfs = vfs_of(vfs), .path = {}};
        if (path != nullptr)
            std::snprintf(opened->path, sizeof(opened->path), "%s", path);
        const int code =
            vfs_of(vfs)->real_->xOpen(vfs_of(vfs)->real_, path, opened->real(), flags, out_flags);
        if (code != SQLITE_OK)
            return code;
        opened->base.pMethods = &methods;
        if (path != nullptr)
            vfs_of(vfs)->touched_[path] = true;
        return SQLITE_OK;
    }
};

FaultVfs::FaultVfs() : real_(sqlite3_vfs_find(nullptr)) {
    vfs_ = *real_;
    vfs_.szOsFile = static_cast<int>(sizeof(FaultFile)) + real_->szOsFile;
    vfs_.zName = "fault";
    vfs_.pAppData = this;
    vfs_.xOpen = FaultFile::open;
    // The rest takes the real file system as its first argument, and finds only itself there.
    vfs_.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync) {
        sqlite3_vfs* real = FaultFile::vfs_of(vfs)->real_;
        FaultFile::vfs_of(vfs)->on_disk_.erase(path); // the store flushes the directory
        return real->xDelete(real, path, sync);
    };
    vfs_.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* result) {
        sqlite3_vfs* real = FaultFile::vfs_of(vfs)->real_;
        return real->xAccess(real, path, flags, result);
    };
    vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* full) {
        sqlite3_vfs* real = FaultFile::vfs_of(vfs)->real_;
        return real->xFullPathname(real, path, size, full);
    };
    check(sqlite3_vfs_register(&vfs_, 1) == SQLITE_OK, "a file system can be registered");
}

FaultVfs::~FaultVfs() {
    (void)sqlite3_vfs_unregister(&vfs_);
}

void FaultVfs::fail_from(int call, int code) {
    failing_from_ = changes_ + call;
    code_ = code;
    has_failed_ = false;
}

int FaultVfs::next_change() {
    ++changes_;
    if (failing_from_ == 0 || changes_ < failing_from_)
        return SQLITE_OK;
    has_failed_ = true;
    return code_;
}

void FaultVfs::flushed(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    on_disk_[path] = to_bytes(content);
}

void FaultVfs::cut_power() {
    for (const auto& [path, unused] : touched_) {
        const auto content = on_disk_.find(path);
        if (content == on_disk_.end()) {
            std::filesystem::remove(path);
            continue;
        }
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        const std::string_view text = as_text(content->second);
        file.write(text.data(), static_cast<std::streamsize>(text.size()));
    }
    // What only one process shares with itself is gone too.
    for (const auto& [path, unused] : touched_)
        std::filesystem::remove(path + "-shm");
}

} // namespace mandos::test
