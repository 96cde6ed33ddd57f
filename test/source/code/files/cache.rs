//! A cache that forgets the oldest entry.
use std::collections::VecDeque;

/// Why a cache refuses.
#[derive(Debug)]
pub enum CacheError {
    NoRoom,
    TooLarge(usize),
}

/// The most bytes of one value.
pub const MAX_VALUE: usize = 1024;

/// Keeps a few values in the order of their use.
pub struct Cache {
    room: usize,
    entries: VecDeque<(String, Vec<u8>)>,
}

impl Cache {
    /// A cache with room for some values.
    pub fn with_room(room: usize) -> Result<Self, CacheError> {
        if room == 0 {
            return Err(CacheError::NoRoom);
        }
        Ok(Cache { room, entries: VecDeque::new() })
    }

    pub fn insert(&mut self, key: &str, value: Vec<u8>) -> Result<(), CacheError> {
        check_size(&value)?;
        if self.entries.len() == self.room {
            self.evict();
        }
        self.entries.push_back((key.to_string(), value));
        Ok(())
    }

    fn evict(&mut self) {
        if self.entries.pop_front().is_none() {
            panic!("the cache is empty");
        }
    }
}

fn check_size(value: &[u8]) -> Result<(), CacheError> {
    if value.len() > MAX_VALUE {
        return Err(CacheError::TooLarge(value.len()));
    }
    Ok(())
}

pub fn warm(keys: &[&str]) -> Result<Cache, CacheError> {
    let mut cache = Cache::with_room(keys.len())?;
    for key in keys {
        cache.insert(key, Vec::new())?;
    }
    Ok(cache)
}
