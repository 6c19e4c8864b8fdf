//! How much memory is alive, counted by the allocator. A bench that wants to know declares it:
//!
//! ```text
//! #[global_allocator]
//! static COUNTING: Counting = Counting;
//! ```

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which also counts what is alive.
pub struct Counting;

static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// Bytes that are alive.
pub fn alive() -> usize {
    ALIVE.load(Ordering::Relaxed)
}

// Every call goes on to the system's allocator as it came, so its promises hold here too.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALIVE.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        ALIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}
