// SecretBytes: a password or a private key in memory. Its pages hold nothing else, are kept out of core dumps
// and, as far as the limit on locked memory allows (setrlimit(2), RLIMIT_MEMLOCK), out of swap; they are
// wiped before they are given back. Never printed, compared only in constant time; bytes come out by reveal()
// alone, so that `grep reveal` finds every place that handles a secret.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "base/bytes.h"

namespace mandos {

class SecretBytes {
  public:
    SecretBytes() = default;
    // SIZE zero bytes.
    explicit SecretBytes(std::size_t size);
    static SecretBytes copy_of(ByteView bytes);

    SecretBytes(SecretBytes&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          mapped_(std::exchange(other.mapped_, 0)) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { wipe(); }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    ByteView reveal() const { return {data_, size_}; }
    std::span<std::byte> reveal() { return {data_, size_}; }

    // Makes it SIZE bytes long: cut ones are wiped, new ones are zero. Moves to new pages where it must,
    // wiping the old.
    void resize(std::size_t size);

    // Compares in a time that depends on the sizes alone.
    bool equals(ByteView other) const;

  private:
    void wipe() noexcept;

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t mapped_ = 0; // bytes of whole pages behind data_
};

} // namespace mandos
