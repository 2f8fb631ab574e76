//! What a floor has seen, drawn from: numbers that look random but are the same for a seed.

/// Draws for one run.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// At least 0, less than `end` (the mixing is that of splitmix64).
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % (end.max(1) as u64)).expect("it is below a usize")
    }
}

/// A list that is drawn from without putting back until it is empty: what is drawn has the mean of the list, so that
/// an hour run again has as many arrivals as it had.
#[derive(Clone, Debug)]
pub(super) struct Deck<T> {
    all: Vec<T>,
    left: usize,
}

impl<T: Clone> Deck<T> {
    pub(super) fn new(all: &[T]) -> Deck<T> {
        Deck { left: 0, all: all.to_vec() }
    }

    pub(super) fn draw(&mut self, dice: &mut Dice) -> Option<T> {
        if self.left == 0 {
            self.left = self.all.len();
        }
        let index = dice.below(self.left);
        self.left = self.left.checked_sub(1)?;
        self.all.swap(index, self.left);
        self.all.get(self.left).cloned()
    }
}

/// How a wait that was seen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    /// An agent came.
    Served,
    /// The customer left.
    Abandoned,
}

/// How long customers wait before they leave. Of one who was served it is only known that he would have waited longer,
/// so this is the product-limit estimate (Kaplan and Meier), not a list of the waits of those who left.
#[derive(Clone, Debug)]
pub(super) struct Patience {
    /// In order: a wait, and the part of all who wait longer.
    outlast: Vec<(u64, f64)>,
}

impl Patience {
    pub(super) fn of(waits: &[(u64, WaitEnd)]) -> Patience {
        let mut waits = waits.to_vec();
        waits.sort_unstable_by_key(|(ms, _)| *ms);
        let (mut left, mut part) = (waits.len(), 1.0);
        let mut outlast = Vec::new();
        for (ms, end) in waits {
            if end == WaitEnd::Abandoned {
                part *= (left - 1) as f64 / left as f64;
                outlast.push((ms, part));
            }
            left -= 1;
        }
        Patience { outlast }
    }

    /// When somebody who has waited so long already will leave, counted from when he began; none for never.
    pub(super) fn draw(&self, waited_ms: u64, dice: &mut Dice) -> Option<u64> {
        let known = self.outlast.partition_point(|(ms, _)| *ms <= waited_ms);
        let still = known.checked_sub(1).map_or(1.0, |index| self.outlast[index].1);
        let part = still * dice.below(1 << 30) as f64 / f64::from(1 << 30);
        let index = known + self.outlast[known..].partition_point(|(_, outlast)| *outlast > part);
        self.outlast.get(index).map(|(ms, _)| *ms)
    }
}

/// Handling times.
#[derive(Clone, Debug)]
pub(super) struct Handled {
    sorted: Vec<u64>,
    deck: Deck<u64>,
}

impl Handled {
    pub(super) fn new(all: &[u64]) -> Handled {
        let mut sorted = all.to_vec();
        sorted.sort_unstable();
        Handled { sorted, deck: Deck::new(all) }
    }

    /// Of a new ticket.
    pub(super) fn draw(&mut self, dice: &mut Dice) -> u64 {
        self.deck.draw(dice).unwrap_or(crate::domain::matcher::HANDLING_FIRST_MS)
    }

    /// What is left of one that has been handled for so long already.
    pub(super) fn rest(&self, age_ms: u64, dice: &mut Dice) -> u64 {
        let longer = &self.sorted[self.sorted.partition_point(|ms| *ms <= age_ms)..];
        match longer.get(dice.below(longer.len())) {
            Some(ms) => ms - age_ms,
            None => age_ms / 4,
        }
    }

    /// What is left of one of which nobody knows how long it has been handled.
    pub(super) fn some_rest(&self, dice: &mut Dice) -> u64 {
        let ms = self.sorted.get(dice.below(self.sorted.len()));
        let ms = ms.copied().unwrap_or(crate::domain::matcher::HANDLING_FIRST_MS);
        dice.below(usize::try_from(ms).unwrap_or(usize::MAX)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deck_gives_everything_before_it_gives_anything_twice() {
        let (mut deck, mut dice) = (Deck::new(&[1, 2, 3, 4, 5]), Dice::new(7));
        for _ in 0..3 {
            let mut drawn: Vec<i32> = (0..5).filter_map(|_| deck.draw(&mut dice)).collect();
            drawn.sort_unstable();
            assert_eq!(drawn, [1, 2, 3, 4, 5]);
        }
        assert_eq!(Deck::<u8>::new(&[]).draw(&mut dice), None);
    }

    #[test]
    fn patience_counts_those_who_were_served_sooner() {
        let waits = [(10, WaitEnd::Served), (20, WaitEnd::Abandoned), (30, WaitEnd::Served), (40, WaitEnd::Abandoned)];
        let (patience, mut dice) = (Patience::of(&waits), Dice::new(7));
        let drawn: Vec<_> = (0..3_000).map(|_| patience.draw(0, &mut dice)).collect();
        let at = |ms| drawn.iter().filter(|drawn| **drawn == Some(ms)).count();
        assert!((900..1_100).contains(&at(20)), "a third of those who were still there: {}", at(20));
        assert_eq!(at(20) + at(40), 3_000, "the last who was there left");
        assert!((0..100).all(|_| patience.draw(20, &mut dice) == Some(40)));
        assert_eq!(patience.draw(40, &mut dice), None);
        assert_eq!(Patience::of(&[(5, WaitEnd::Served)]).draw(0, &mut dice), None);
    }
}
