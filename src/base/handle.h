// Handle<T, Free>: owns one object of a C library, no bigger than the pointer.
//     using Session = Handle<gnutls_session_int, gnutls_deinit>;
// Used by the adapters; what cannot be a pointer (descriptors) has UniqueFd.
#pragma once

#include <memory>

namespace mandos {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        (void)Free(object); // nothing can be done about a failing destructor
    }
};

template <class T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

} // namespace mandos
