//! A box for the newest of something: at most one notice is on its way, whoever gets it takes the newest.

use std::sync::{Mutex, PoisonError};

/// Holds the newest value until it is taken.
#[derive(Debug)]
pub struct Latest<T> {
    value: Mutex<Option<T>>,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Latest { value: Mutex::new(None) }
    }
}

impl<T> Latest<T> {
    /// Puts a newer value. Answers whether a notice must be sent: none is on its way.
    #[must_use]
    pub fn put(&self, value: T) -> bool {
        self.value.lock().unwrap_or_else(PoisonError::into_inner).replace(value).is_none()
    }

    /// Takes the newest value.
    pub fn take(&self) -> Option<T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_of_several_values_needs_a_notice() {
        let latest = Latest::default();
        assert!(latest.put(1));
        assert!(!latest.put(2));
        assert_eq!(latest.take(), Some(2));
        assert_eq!(latest.take(), None);
        assert!(latest.put(3));
    }
}
