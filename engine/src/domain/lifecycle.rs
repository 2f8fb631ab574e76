//! The life of a ticket as one table: from which stage which act leads where.

use deskwire_protocol::{StageName, Step};

/// Everything that can move a ticket from one stage to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The queue gives it to an agent.
    Assign,
    /// It goes from its agent to another.
    Move,
    /// Its customer says something.
    CustomerPost,
    /// Somebody takes a step.
    Step(Step),
    /// It goes to another category.
    ToCategory,
}

impl Act {
    /// Every act, in the order of the table's rows.
    pub const ALL: [Act; 12] = [
        Act::Assign,
        Act::Move,
        Act::CustomerPost,
        Act::Step(Step::Close),
        Act::Step(Step::Reject),
        Act::Step(Step::Abandon),
        Act::Step(Step::Hold),
        Act::Step(Step::Resume),
        Act::Step(Step::Pend),
        Act::Step(Step::Reopen),
        Act::Step(Step::Requeue),
        Act::ToCategory,
    ];

    fn row(self) -> usize {
        match self {
            Act::Assign => 0,
            Act::Move => 1,
            Act::CustomerPost => 2,
            Act::Step(step) => 3 + step as usize,
            Act::ToCategory => 11,
        }
    }
}

const NO: Option<StageName> = None;
const WAITING: Option<StageName> = Some(StageName::Waiting);
const ASSIGNED: Option<StageName> = Some(StageName::Assigned);
const PENDING: Option<StageName> = Some(StageName::Pending);
const ON_HOLD: Option<StageName> = Some(StageName::OnHold);
const CLOSED: Option<StageName> = Some(StageName::Closed);
const REJECTED: Option<StageName> = Some(StageName::Rejected);
const ABANDONED: Option<StageName> = Some(StageName::Abandoned);
const REOPENED: Option<StageName> = Some(StageName::Reopened);

/// Rows: acts. Columns: waiting, assigned, pending, on hold, closed, rejected, abandoned, reopened.
#[rustfmt::skip]
const TABLE: [[Option<StageName>; 8]; 12] = [
    /* assign   */ [ASSIGNED,  NO,       NO,       NO,       NO,       NO, NO, ASSIGNED],
    /* move     */ [NO,        ASSIGNED, ASSIGNED, ASSIGNED, NO,       NO, NO, NO],
    /* post     */ [WAITING,   ASSIGNED, ASSIGNED, ON_HOLD,  NO,       NO, NO, REOPENED],
    /* close    */ [CLOSED,    CLOSED,   CLOSED,   CLOSED,   NO,       NO, NO, CLOSED],
    /* reject   */ [REJECTED,  NO,       NO,       NO,       NO,       NO, NO, REJECTED],
    /* abandon  */ [ABANDONED, NO,       NO,       NO,       NO,       NO, NO, ABANDONED],
    /* hold     */ [NO,        ON_HOLD,  ON_HOLD,  NO,       NO,       NO, NO, NO],
    /* resume   */ [NO,        NO,       ASSIGNED, ASSIGNED, NO,       NO, NO, NO],
    /* pend     */ [NO,        PENDING,  NO,       NO,       NO,       NO, NO, NO],
    /* reopen   */ [NO,        NO,       NO,       NO,       REOPENED, REOPENED, NO, NO],
    /* requeue  */ [NO,        WAITING,  WAITING,  WAITING,  NO,       NO, NO, NO],
    /* category */ [WAITING,   WAITING,  WAITING,  WAITING,  NO,       NO, NO, WAITING],
];

/// Where an act leads from a stage; nothing where the step is illegal.
pub fn next(stage: StageName, act: Act) -> Option<StageName> {
    TABLE[act.row()][stage as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D02: the table, written a second time as words.
    const EXPECTED: &str = "
        Waiting   Assign Assigned | CustomerPost Waiting | Close Closed | Reject Rejected | Abandon Abandoned | ToCategory Waiting
        Assigned  Move Assigned | CustomerPost Assigned | Close Closed | Hold OnHold | Pend Pending | Requeue Waiting | ToCategory Waiting
        Pending   Move Assigned | CustomerPost Assigned | Close Closed | Hold OnHold | Resume Assigned | Requeue Waiting | ToCategory Waiting
        OnHold    Move Assigned | CustomerPost OnHold | Close Closed | Resume Assigned | Requeue Waiting | ToCategory Waiting
        Closed    Reopen Reopened
        Rejected  Reopen Reopened
        Abandoned
        Reopened  Assign Assigned | CustomerPost Reopened | Close Closed | Reject Rejected | Abandon Abandoned | ToCategory Waiting
    ";

    #[test]
    fn the_lifecycle_is_what_the_words_say() {
        let mut said = String::new();
        for stage in StageName::ALL {
            said.push_str(&format!("{stage:?}"));
            let steps: Vec<String> = Act::ALL
                .iter()
                .filter_map(|act| next(*stage, *act).map(|to| (act, to)))
                .map(|(act, to)| match act {
                    Act::Step(step) => format!("{step:?} {to:?}"),
                    Act::Assign | Act::Move | Act::CustomerPost | Act::ToCategory => format!("{act:?} {to:?}"),
                })
                .collect();
            said.push_str(&format!(" {} ", steps.join(" | ")));
        }
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeeze(&said), squeeze(EXPECTED));
    }
}
