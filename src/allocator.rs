//! The system's allocator, told to give large blocks back.

/// From so many bytes on a block is taken from the system by itself and given back when it is freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: std::ffi::c_int = 1 << 20;
/// What a heap may have free at its end before it shrinks, and by how much more it grows than it must: else the
/// memory of each letter would be given back and asked for again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SPARE: (std::ffi::c_int, std::ffi::c_int) = (4 << 20, 1 << 20);

/// glibc takes large blocks from the system one by one, but each that is freed raises the size from which it
/// does so (mallopt(3), `M_MMAP_THRESHOLD`), up to 32 MB; what is smaller stands on heaps that shrink only
/// at their end. After a few segments an ingest would hold half as much again as it uses. Setting the
/// size keeps it where it is.
#[allow(unsafe_code)]
pub fn give_back_large_blocks() {
    // SAFETY: it changes numbers that the allocator reads, and no other thread runs yet.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, SPARE.0);
        libc::mallopt(libc::M_TOP_PAD, SPARE.1);
    }
}
