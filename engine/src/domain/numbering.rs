//! Two numberings of one log: its own sequence, which staff see, and a customer's, which counts what he may see.
//!
//! A customer's number of an event is its sequence less the hidden events before it, so his numbers run 1, 2, 3 … too
//! and say nothing of what is hidden. Nothing is stored for it but the sequences of the hidden events.

use super::audience::Audience;

/// The sequences of a ticket's hidden events, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden(Vec<u32>);

/// A point in the log, and what one audience calls it: the number of its last event up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The log's sequence.
    pub seq: u32,
    /// The audience's number; the sequence itself for staff.
    pub place: u32,
}

impl Hidden {
    /// The event at this sequence, behind all known ones, is hidden.
    pub fn add(&mut self, seq: u32) {
        debug_assert!(self.0.last().is_none_or(|last| *last < seq), "hidden events come in order");
        self.0.push(seq);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// A point of the log, as an audience calls it.
    pub fn point(&self, audience: Audience, seq: u32) -> Point {
        Point { seq, place: self.place(audience, seq) }
    }

    /// An audience's number of the last event that it sees at or before this sequence.
    pub fn place(&self, audience: Audience, seq: u32) -> u32 {
        match audience {
            Audience::Staff => seq,
            Audience::Customer => seq - self.0.partition_point(|hidden| *hidden <= seq) as u32,
        }
    }

    /// The sequence of the event that an audience gives this number, beyond the end too. 0 is before the first.
    pub fn seq(&self, audience: Audience, place: u32) -> u32 {
        match (audience, place) {
            (Audience::Staff, _) | (Audience::Customer, 0) => place,
            (Audience::Customer, _) => {
                // The visible events before a hidden one are its sequence less those before it and itself.
                let (mut low, mut high) = (0, self.0.len());
                while low < high {
                    let middle = (low + high) / 2;
                    match self.0[middle] - (middle as u32) <= place {
                        true => low = middle + 1,
                        false => high = middle,
                    }
                }
                place.saturating_add(low as u32)
            }
        }
    }

    /// The last sequence, at most `head`, up to which an audience sees nothing beyond this number of its own.
    pub fn reach(&self, audience: Audience, place: u32, head: u32) -> u32 {
        self.seq(audience, place.saturating_add(1)).saturating_sub(1).min(head)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by counting: for each sequence whether it is hidden.
    fn hidden(log: &[bool]) -> Hidden {
        let mut hidden = Hidden::default();
        (1..).zip(log).filter(|(_, is_hidden)| **is_hidden).for_each(|(seq, _)| hidden.add(seq));
        hidden
    }

    proptest! {
        /// C13, C14, promise 3: a customer's numbers are 1, 2, 3 …, each of one event that he may see, and back.
        #[test]
        fn a_customers_numbers_count_what_he_may_see(log in prop::collection::vec(any::<bool>(), 0..60)) {
            let hidden = hidden(&log);
            let (customer, head) = (Audience::Customer, log.len() as u32);
            let visible: Vec<u32> = (1..).zip(&log).filter(|(_, hidden)| !**hidden).map(|(seq, _)| seq).collect();
            for (place, seq) in (1..).zip(&visible) {
                prop_assert_eq!(hidden.seq(customer, place), *seq);
                prop_assert_eq!(hidden.place(customer, *seq), place);
            }
            for seq in 0..=head {
                let place = visible.iter().filter(|one| **one <= seq).count() as u32;
                prop_assert_eq!(hidden.point(customer, seq), Point { seq, place });
                prop_assert_eq!(hidden.point(Audience::Staff, seq), Point { seq, place: seq });
                prop_assert_eq!(hidden.seq(Audience::Staff, seq), seq);
            }
            for place in 0..=visible.len() as u32 + 3 {
                let next = visible.get(place as usize).map_or(head, |seq| seq - 1);
                prop_assert_eq!(hidden.reach(customer, place, head), next);
            }
            prop_assert_eq!(hidden.reach(customer, u32::MAX, head), head);
        }
    }
}
