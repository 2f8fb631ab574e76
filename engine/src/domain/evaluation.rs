//! Evaluations: a form of weighted criteria, and what marks by it amount to.

use deskwire_protocol::Role;
use deskwire_protocol::limits::NAME_BYTES_MAX;
use serde::{Deserialize, Serialize};

/// Most criteria of one form.
pub const CRITERIA_MAX: usize = 30;
/// The heaviest weight of a criterion.
pub const WEIGHT_MAX: u16 = 100;
/// The highest mark that a form may give.
pub const SCALE_MAX: u8 = 10;
/// Longest training notes, in bytes of UTF-8.
pub const TRAINING_NOTES_BYTES_MAX: usize = 4_096;
/// The score of one who has the highest mark everywhere, in hundredths of a percent.
pub const SCORE_MAX: u16 = 10_000;

/// One thing that is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// What.
    pub name: String,
    /// How much it counts beside the others.
    pub weight: u16,
}

/// A form, as it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// What it is called.
    pub name: String,
    /// The highest mark; the lowest is 0.
    pub scale: u8,
    /// What is judged.
    pub criteria: Vec<Criterion>,
    /// Whether nobody is evaluated by it any more.
    #[serde(default)]
    pub retired: bool,
}

/// What is wrong with a form, or with marks by it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A name is none.
    #[error("name: each has 1 to {NAME_BYTES_MAX} bytes and no control characters")]
    Name,
    /// The scale is none.
    #[error("scale is 1 to {SCALE_MAX}")]
    Scale,
    /// Too few or too many criteria.
    #[error("criteria: there are 1 to {CRITERIA_MAX}")]
    Criteria,
    /// Two criteria have one name.
    #[error("criteria: {0:?} is there twice")]
    Twice(String),
    /// A weight is none.
    #[error("weight is 1 to {WEIGHT_MAX}")]
    Weight,
    /// Not a mark for each criterion.
    #[error("marks: the form asks for {0}")]
    Count(usize),
    /// A mark is beyond the scale.
    #[error("marks: each is 0 to {0}")]
    Mark(u8),
    /// Nobody is evaluated by it any more.
    #[error("form: it is retired")]
    Retired,
    /// The notes are too long.
    #[error("notes have at most {TRAINING_NOTES_BYTES_MAX} bytes")]
    Notes,
}

impl Form {
    /// What is wrong with it, if anything.
    pub fn check(&self) -> Result<(), Misfit> {
        let names = self.criteria.iter().map(|criterion| &criterion.name);
        if !names.clone().chain([&self.name]).all(|name| is_name(name)) {
            return Err(Misfit::Name);
        }
        if !(1..=SCALE_MAX).contains(&self.scale) {
            return Err(Misfit::Scale);
        }
        if !(1..=CRITERIA_MAX).contains(&self.criteria.len()) {
            return Err(Misfit::Criteria);
        }
        let mut known = std::collections::BTreeSet::new();
        if let Some(twice) = names.clone().find(|name| !known.insert(*name)) {
            return Err(Misfit::Twice(twice.clone()));
        }
        let weights = self.criteria.iter().all(|criterion| (1..=WEIGHT_MAX).contains(&criterion.weight));
        weights.then_some(()).ok_or(Misfit::Weight)
    }

    /// What marks by this form amount to, in hundredths of a percent of the best: the mean of the marks by weight,
    /// rounded to the nearest.
    pub fn score(&self, marks: &[u8]) -> Result<u16, Misfit> {
        if self.retired {
            return Err(Misfit::Retired);
        }
        if marks.len() != self.criteria.len() {
            return Err(Misfit::Count(self.criteria.len()));
        }
        if marks.iter().any(|mark| *mark > self.scale) {
            return Err(Misfit::Mark(self.scale));
        }
        let weighted = self.criteria.iter().zip(marks);
        let got: u64 = weighted.map(|(criterion, mark)| u64::from(criterion.weight) * u64::from(*mark)).sum();
        let weights: u64 = self.criteria.iter().map(|criterion| u64::from(criterion.weight)).sum();
        let best = (weights * u64::from(self.scale)).max(1);
        let score = (2 * u64::from(SCORE_MAX) * got + best) / (2 * best);
        Ok(u16::try_from(score).unwrap_or(SCORE_MAX))
    }
}

/// Whether training notes may be kept.
pub fn check_notes(notes: &str) -> Result<(), Misfit> {
    (notes.len() <= TRAINING_NOTES_BYTES_MAX).then_some(()).ok_or(Misfit::Notes)
}

/// Whether one of this role evaluates one of that: supervisors their agents, admins all who serve tickets.
pub fn may_evaluate(by: Role, of: Role) -> bool {
    match by {
        Role::Supervisor => of == Role::Agent,
        Role::Admin => matches!(of, Role::Agent | Role::Supervisor),
        Role::Agent | Role::Customer => false,
    }
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(scale: u8, weights: &[u16]) -> Form {
        let criterion = |(at, weight): (usize, &u16)| Criterion { name: format!("c{at}"), weight: *weight };
        let criteria = weights.iter().enumerate().map(criterion).collect();
        Form { name: "talk".into(), scale, criteria, retired: false }
    }

    #[test]
    fn marks_count_by_their_weights() {
        for (scale, weights, marks, score) in [
            (5, vec![1], vec![5], 10_000),
            (5, vec![1], vec![0], 0),
            (5, vec![3, 1], vec![5, 0], 7_500),
            (3, vec![1, 1, 1], vec![1, 0, 0], 1_111),
            (3, vec![1, 1, 1], vec![2, 0, 0], 2_222),
            (3, vec![1], vec![2], 6_667),
        ] {
            assert_eq!(form(scale, &weights).score(&marks), Ok(score), "{weights:?} {marks:?} of {scale}");
        }
    }

    /// The limits CRITERIA_MAX, WEIGHT_MAX, SCALE_MAX and TRAINING_NOTES_BYTES_MAX at their edges.
    #[test]
    fn a_form_that_is_none_is_named() {
        assert_eq!(form(SCALE_MAX, &[WEIGHT_MAX; CRITERIA_MAX]).check(), Ok(()));
        for (form, fault) in [
            (form(0, &[1]), Misfit::Scale),
            (form(SCALE_MAX + 1, &[1]), Misfit::Scale),
            (form(5, &[]), Misfit::Criteria),
            (form(5, &[1; CRITERIA_MAX + 1]), Misfit::Criteria),
            (form(5, &[0]), Misfit::Weight),
            (form(5, &[WEIGHT_MAX + 1]), Misfit::Weight),
            (Form { name: " ".into(), ..form(5, &[1]) }, Misfit::Name),
            (Form { name: "x".repeat(NAME_BYTES_MAX + 1), ..form(5, &[1]) }, Misfit::Name),
        ] {
            assert_eq!(form.check(), Err(fault), "{form:?}");
        }
        let mut twice = form(5, &[1, 1]);
        twice.criteria[1].name = "c0".into();
        assert_eq!(twice.check(), Err(Misfit::Twice("c0".into())));
        assert_eq!(form(5, &[1, 1]).score(&[1]), Err(Misfit::Count(2)));
        assert_eq!(form(5, &[1]).score(&[6]), Err(Misfit::Mark(5)));
        assert_eq!(Form { retired: true, ..form(5, &[1]) }.score(&[1]), Err(Misfit::Retired));
        assert!(check_notes(&"x".repeat(TRAINING_NOTES_BYTES_MAX)).is_ok());
        assert_eq!(check_notes(&"x".repeat(TRAINING_NOTES_BYTES_MAX + 1)), Err(Misfit::Notes));
    }

    /// A03: rows are who evaluates, columns whom: customer, agent, supervisor, admin.
    #[test]
    fn who_evaluates_whom_is_as_written_by_hand() {
        for (by, row) in Role::ALL.iter().zip(["----", "----", "-y--", "-yy-"]) {
            for (of, may) in Role::ALL.iter().zip(row.chars()) {
                assert_eq!(may_evaluate(*by, *of), may == 'y', "{by:?} {of:?}");
            }
        }
    }

    fn marked() -> impl Strategy<Value = (Form, Vec<u8>)> {
        (1..=SCALE_MAX).prop_flat_map(|scale| {
            prop::collection::vec((1..=WEIGHT_MAX, 0..=scale), 1..=CRITERIA_MAX).prop_map(move |judged| {
                let (weights, marks): (Vec<u16>, Vec<u8>) = judged.into_iter().unzip();
                (form(scale, &weights), marks)
            })
        })
    }

    proptest! {
        /// A03: the score is between none and the best, reaches both ends, rises with each mark, lies between the worst
        /// and the best mark, and does not depend on the order of the criteria.
        #[test]
        fn a_score_is_a_weighted_mean((form, marks) in marked(), at in any::<prop::sample::Index>()) {
            let score = form.score(&marks).unwrap();
            let of = |mark: u8| form.score(&vec![mark; marks.len()]).unwrap();
            prop_assert_eq!((of(0), of(form.scale)), (0, SCORE_MAX));
            let (low, high) = (*marks.iter().min().unwrap(), *marks.iter().max().unwrap());
            prop_assert!((of(low)..=of(high)).contains(&score));

            let at = at.index(marks.len());
            if marks[at] < form.scale {
                let mut better = marks.clone();
                better[at] += 1;
                prop_assert!(form.score(&better).unwrap() >= score);
            }
            let mut turned = form.clone();
            turned.criteria.rotate_left(at);
            let mut turned_marks = marks.clone();
            turned_marks.rotate_left(at);
            prop_assert_eq!(turned.score(&turned_marks), Ok(score));
        }
    }
}
