//! Loading what takes a while to load before it is needed.

use std::thread::Builder;

/// Begins to load tables, all beside each other and beside what the caller does. Whoever needs a table
/// before it is loaded waits for it.
pub fn preload(loaders: impl IntoIterator<Item = fn()>) {
    for load in loaders {
        // Where no thread can be had, it is loaded when it is needed.
        let _ = Builder::new().name("tables".to_string()).spawn(load);
    }
}
