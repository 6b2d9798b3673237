//! The binary's allocator: mimalloc, which Lua's memory comes from, too.
//!
//! The crate of that name asks for an alignment each time, although any memory of mimalloc's is aligned as C wants it; going past that
//! is 3 to 6 % of a loop that reads rows.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};

use libmimalloc_sys::{
    mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc, mi_zalloc_aligned,
};

/// What C's `malloc` promises for blocks of at least that size: the alignment of every basic type.
const ALIGNMENT: usize = 2 * size_of::<usize>();

/// mimalloc.
pub struct Allocator;

fn is_plain(layout: Layout, size: usize) -> bool {
    layout.align() <= ALIGNMENT && layout.align() <= size
}

// SAFETY: mimalloc's functions do what C's do, and what `GlobalAlloc` asks for: a block of the size, null when there is none, aligned
// to `ALIGNMENT` when it is as large as the alignment asked for; `mi_free` and `mi_realloc` take blocks of all of them.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: no more is asked of the caller than by the trait.
        unsafe {
            match is_plain(layout, layout.size()) {
                true => mi_malloc(layout.size()).cast(),
                false => mi_malloc_aligned(layout.size(), layout.align()).cast(),
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe {
            match is_plain(layout, layout.size()) {
                true => mi_zalloc(layout.size()).cast(),
                false => mi_zalloc_aligned(layout.size(), layout.align()).cast(),
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the block is one of mimalloc's.
        unsafe { mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `dealloc` and `alloc`.
        unsafe {
            match is_plain(layout, size) {
                true => mi_realloc(block.cast(), size).cast(),
                false => mi_realloc_aligned(block.cast(), size, layout.align()).cast(),
            }
        }
    }
}
