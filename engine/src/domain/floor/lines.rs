//! Lines of a table that people watch: each knows when it last changed, so that everybody is told what is new to him.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// The lines, by key; a version is one making of them all.
#[derive(Debug)]
pub struct Lines<K, T> {
    lines: BTreeMap<K, Line<T>>,
    version: u64,
}

#[derive(Debug)]
struct Line<T> {
    /// Nothing where it is gone.
    is: Option<T>,
    /// What it was before it changed last.
    was: Option<T>,
    changed: u64,
    made: u64,
}

/// How far somebody has been told.
#[derive(Clone, Copy, Debug)]
pub struct Progress<K> {
    /// All changes up to this version, except that what follows is told.
    told: u64,
    /// He is being told all up to this version, and has been as far as this key.
    under_way: Option<(u64, K)>,
}

impl<K, T> Default for Lines<K, T> {
    fn default() -> Self {
        Lines { lines: BTreeMap::new(), version: 0 }
    }
}

impl<K> Default for Progress<K> {
    fn default() -> Self {
        Progress { told: 0, under_way: None }
    }
}

impl<K> Progress<K> {
    /// Whether he has been told nothing yet.
    pub fn is_at_the_beginning(&self) -> bool {
        self.told == 0 && self.under_way.is_none()
    }

    /// Whether he has been told a part of what is new, and more follows.
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }
}

/// A line that changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Change<'a, K, T> {
    /// Its key.
    pub key: K,
    /// What it was before.
    pub was: Option<&'a T>,
    /// What it is; nothing where it is gone.
    pub is: Option<&'a T>,
}

impl<K: Copy + Ord, T: PartialEq> Lines<K, T> {
    /// Makes them all anew. Lines that are not among these are gone, and remembered as such: keys are of what the desk
    /// keeps of its staff and categories, which has bounds.
    pub fn make(&mut self, fresh: impl IntoIterator<Item = (K, T)>) {
        self.version += 1;
        let version = self.version;
        for (key, is) in fresh {
            match self.lines.get_mut(&key) {
                Some(line) if line.is.as_ref() == Some(&is) => line.made = version,
                Some(line) => {
                    line.was = line.is.replace(is);
                    (line.changed, line.made) = (version, version);
                }
                None => {
                    self.lines.insert(key, Line { is: Some(is), was: None, changed: version, made: version });
                }
            }
        }
        for line in self.lines.values_mut().filter(|line| line.made != version && line.is.is_some()) {
            line.was = line.is.take();
            line.changed = version;
        }
    }

    /// At most so many changes that are new to somebody, and how far he is then.
    pub fn news(&self, progress: &mut Progress<K>, max: usize) -> Vec<Change<'_, K, T>> {
        let (upto, after) = progress.under_way.map_or((self.version, Unbounded), |(upto, key)| (upto, Excluded(key)));
        let is_new = |line: &Line<T>| line.changed > progress.told;
        let news = self.lines.range((after, Unbounded)).filter(|(_, line)| is_new(line));
        let news = news.map(|(key, line)| Change { key: *key, was: line.was.as_ref(), is: line.is.as_ref() });
        let mut news: Vec<_> = news.take(max + 1).collect();
        let more = news.len() > max;
        news.truncate(max);
        match news.last().filter(|_| more) {
            Some(last) => progress.under_way = Some((upto, last.key)),
            None => *progress = Progress { told: upto, under_way: None },
        }
        news
    }

    /// Every key there is with its line, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&K, &T)> {
        self.lines.iter().filter_map(|(key, line)| Some((key, line.is.as_ref()?)))
    }

    /// Every line there is, in order.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.lines.values().filter_map(|line| line.is.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whoever is told page by page, while lines change, come and go, knows in the end what is so.
        #[test]
        fn who_is_told_all_news_knows_all_lines(
            steps in prop::collection::vec(prop::collection::btree_map(0_u8..20, 0_u8..3, 0..20), 1..12),
            max in 1_usize..6,
        ) {
            let (mut lines, mut progress, mut known) = (Lines::default(), Progress::default(), BTreeMap::new());
            let tell = |lines: &Lines<u8, u8>, progress: &mut Progress<u8>, known: &mut BTreeMap<u8, u8>| {
                let news = lines.news(progress, max);
                assert!(news.len() <= max);
                for change in news {
                    match change.is {
                        Some(is) => _ = known.insert(change.key, *is),
                        None => _ = known.remove(&change.key),
                    }
                }
            };
            for step in &steps {
                lines.make(step.clone());
                tell(&lines, &mut progress, &mut known);
            }
            while progress.is_under_way() {
                tell(&lines, &mut progress, &mut known);
            }
            for _ in 0..50 {
                tell(&lines, &mut progress, &mut known);
            }
            prop_assert_eq!(&known, steps.last().unwrap());
            prop_assert_eq!(lines.all().count(), known.len());
            prop_assert!(lines.news(&mut progress, max).is_empty());
        }
    }
}
