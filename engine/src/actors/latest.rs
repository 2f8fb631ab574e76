//! A box for the newest of something: at most one notice is on its way, whoever gets it takes the newest.

use std::sync::{Arc, Mutex, PoisonError};

/// Holds the newest value until it is taken.
#[derive(Debug)]
pub struct Latest<T> {
    value: Mutex<Option<T>>,
}

/// The word that something is in the box. One that is lost unread (whoever should have had it fell) empties the box,
/// so that the next value is announced again: else nobody would ever hear of the box any more.
#[derive(Debug)]
pub struct Notice<T>(Option<Arc<Latest<T>>>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Latest { value: Mutex::new(None) }
    }
}

impl<T> Latest<T> {
    /// Puts a newer value. Answers the notice that must be sent if none is on its way.
    #[must_use]
    pub fn put(self: &Arc<Self>, value: T) -> Option<Notice<T>> {
        let before = self.value.lock().unwrap_or_else(PoisonError::into_inner).replace(value);
        before.is_none().then(|| Notice(Some(self.clone())))
    }

    fn take(&self) -> Option<T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Notice<T> {
    /// Takes the newest value.
    pub fn take(mut self) -> Option<T> {
        // Only once: what is put from here on has a notice of its own.
        self.0.take()?.take()
    }
}

impl<T> Drop for Notice<T> {
    fn drop(&mut self) {
        if let Some(unread) = self.0.take() {
            unread.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_of_several_values_needs_a_notice() {
        let latest = Arc::new(Latest::default());
        let notice = latest.put(1).unwrap();
        assert!(latest.put(2).is_none());
        assert_eq!(notice.take(), Some(2));
        assert!(latest.put(3).is_some());
    }

    #[test]
    fn a_lost_notice_is_followed_by_another() {
        let latest = Arc::new(Latest::default());
        drop(latest.put(1));
        assert_eq!(latest.put(2).and_then(Notice::take), Some(2));
    }
}
