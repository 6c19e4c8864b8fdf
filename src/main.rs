//! The `m2mock` command; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    return_free_memory();
    m2mock::internal::main()
}

/// Makes the allocator of glibc return free memory to the system at once.
///
/// Without a setting, glibc raises its thresholds to the size of the largest block that was ever free, for each thread. After
/// some bodies of 1 MB it keeps 20 to 30 MB that nothing uses.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn return_free_memory() {
    const THRESHOLD: libc::c_int = 128 * 1024;
    // SAFETY: `mallopt` has no precondition. No other thread exists yet. A refused setting changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, THRESHOLD);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 2 * THRESHOLD);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn return_free_memory() {}
