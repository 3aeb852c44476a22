#include "base/secret_bytes.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"

namespace mandos {

namespace {

std::size_t whole_pages(std::size_t size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (size + page - 1) / page * page;
}

} // namespace

SecretBytes::SecretBytes(std::size_t size) : size_(size), mapped_(whole_pages(size)) {
    if (size == 0)
        return;
    void* pages = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        throw std::bad_alloc();
    data_ = static_cast<std::byte*>(pages);
    // Neither is a reason to refuse the secret: without privilege only a few pages may be locked.
    (void)madvise(pages, mapped_, MADV_DONTDUMP);
    (void)mlock(pages, mapped_);
}

SecretBytes SecretBytes::copy_of(ByteView bytes) {
    SecretBytes copy(bytes.size());
    std::ranges::copy(bytes, copy.data_);
    return copy;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
        wipe();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        mapped_ = std::exchange(other.mapped_, 0);
    }
    return *this;
}

void SecretBytes::resize(std::size_t size) {
    if (size <= mapped_) {
        if (size < size_)
            explicit_bzero(data_ + size, size_ - size);
        size_ = size;
        return;
    }
    SecretBytes larger(size);
    std::copy_n(data_, size_, larger.data_);
    *this = std::move(larger);
}

bool SecretBytes::equals(ByteView other) const {
    if (other.size() != size_)
        return false;
    auto difference = std::byte{0};
    for (std::size_t i = 0; i < size_; ++i)
        difference |= data_[i] ^ other[i];
    return difference == std::byte{0};
}

void SecretBytes::wipe() noexcept {
    if (data_ == nullptr)
        return;
    explicit_bzero(data_, mapped_);
    check(munmap(data_, mapped_) == 0, "a secret's pages can be unmapped");
    data_ = nullptr;
    size_ = mapped_ = 0;
}

} // namespace mandos
