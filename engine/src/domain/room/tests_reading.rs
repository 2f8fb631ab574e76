//! Read marks: in customers' numbers whoever reads, told when they are kept, and never moved by what is hidden.

use std::sync::Arc;

use deskwire_protocol::{NoteKind, PersonId, Role, StreamId};
use proptest::prelude::*;

use super::tests::{Desk, agent, customer};
use super::*;
use crate::domain::who::Who;

fn supervisor() -> Arc<Who> {
    let (person, role) = (PersonId(8), Role::Supervisor);
    Arc::new(Who {
        person,
        role,
        name: "Susan".into(),
        categories: [].into(),
        reachable: true,
        sight: crate::domain::who::Sight::default(),
    })
}

impl Desk {
    /// What comes of reading up to here, in words.
    fn read(&mut self, who: &Arc<Who>, seq: u32) -> String {
        self.out.clear();
        self.room.read_up_to(who, seq, 0, &mut self.out);
        match self.out.pop() {
            Some(Effect::Mark { person, place, .. }) => format!("mark {} {place}", person.0),
            Some(Effect::Marked { .. }) => "done".into(),
            Some(Effect::Refuse { refused, .. }) => format!("{:?}", refused.refusal),
            other => format!("{other:?}"),
        }
    }

    /// What everybody is shown when a mark is kept: connection, member, number.
    fn kept(&mut self, person: u64, place: u32) -> Vec<(u32, u16, u32)> {
        self.out.clear();
        self.room.mark_kept(PersonId(person), place, &mut self.out);
        self.shown()
    }

    fn shown(&mut self) -> Vec<(u32, u16, u32)> {
        let marks = self.out.drain(..).filter_map(|effect| {
            let Effect::Show { to, frame } = effect else { return None };
            let PublicFrame::ReadMarks(it) = &*frame else { return None };
            Some((to.to, it.marks.clone()))
        });
        marks.flat_map(|(to, marks)| marks.into_iter().map(move |mark| (to, mark.author, mark.seq))).collect()
    }

    fn aside(&mut self, number: u32) {
        let (stream, note, text) = (StreamId(77), NoteKind::Note, "aside".into());
        let command = Command::Note { stream, number, note, text };
        self.command(&agent(2), command, Yes::Acknowledged(number));
    }
}

/// C12: a member's mark is told when it is kept, to each in his own numbers; a note below it shows nowhere.
#[test]
fn a_mark_is_told_when_it_is_kept_and_a_note_moves_none() {
    let mut desk = Desk::talking();
    desk.join(&customer(), 0);
    desk.join(&agent(2), 0);
    desk.aside(1);
    desk.post(&customer(), 1, "hello");
    desk.sync();
    assert_eq!(desk.read(&agent(2), 2), "mark 2 2");
    assert_eq!(desk.kept(2, 2), [(1, 1, 2), (2, 1, 2)]);
    assert_eq!(desk.read(&agent(2), 3), "done", "the note is below no number of the customer's");
    assert_eq!(desk.read(&agent(2), 4), "mark 2 3");
    assert_eq!(desk.kept(2, 3), [(1, 1, 3), (2, 1, 4)], "each in his own numbers");
    assert_eq!(desk.kept(2, 2), [], "never back");
    assert_eq!(desk.read(&customer(), 3), "mark 1 3");
    assert_eq!(desk.kept(1, 3), [(1, 0, 3), (2, 0, 4)]);
    assert_eq!((desk.read(&customer(), 1), desk.read(&customer(), 0)), ("done".into(), "done".into()));
}

/// C12, C14, A01: who only watches leaves no mark, a stranger learns nothing, nobody reads what is not there.
#[test]
fn a_mark_that_cannot_be_is_refused() {
    let mut desk = Desk::talking();
    assert_eq!(desk.read(&supervisor(), 1), "Forbidden");
    assert_eq!(desk.read(&agent(3), 1), "UnknownTicket");
    assert_eq!(desk.read(&customer(), 3), "Ahead");
    desk.aside(1);
    desk.post(&customer(), 1, "hello");
    assert_eq!(desk.read(&customer(), 3), "Ahead", "it is not on disk");
    desk.sync();
    assert_eq!((desk.read(&customer(), 3), desk.read(&customer(), 4)), ("mark 1 3".into(), "Ahead".into()));
    assert_eq!((desk.read(&agent(2), 4), desk.read(&agent(2), 5)), ("mark 2 3".into(), "Ahead".into()));
    let mut none = Desk::new();
    assert_eq!(none.read(&customer(), 0), "UnknownTicket");
}

/// C12, C14: who comes is shown all marks behind his page. A new instance shows none, for a silent watch can be what it
/// starts for; a mark that was on disk before it is told when word of that comes.
#[test]
fn who_comes_is_shown_the_marks() {
    let mut desk = Desk::talking();
    desk.room.know_marks([(PersonId(1), 1), (PersonId(2), 2), (PersonId(99), 1)]);
    desk.join(&customer(), 0);
    assert_eq!(desk.shown(), [(1, 0, 1), (1, 1, 2)], "one who is no member has none");
    let mut next = Desk::new();
    desk.room.tail.iter().for_each(|event| assert!(next.room.replay((**event).clone())));
    next.room.know_marks([(PersonId(2), 2)]);
    next.room.wake(desk.room.listeners.clone(), Time::from_ms(3_000), &mut next.out);
    assert_eq!(next.shown(), []);
    assert_eq!(next.kept(2, 2), [(1, 1, 2)]);
    assert_eq!(next.kept(2, 1), []);
}

proptest! {
    /// C12, C13: of two tickets that differ in notes alone, the customer is told the same marks, however an agent reads.
    #[test]
    fn notes_show_in_no_mark(said in prop::collection::vec(any::<bool>(), 1..30), upto in 0_u32..40) {
        let told = |notes: bool| {
            let mut desk = Desk::talking();
            desk.join(&customer(), 0);
            let (mut posts, mut asides) = (0, 0);
            for is_post in &said {
                match is_post {
                    true => { posts += 1; desk.post(&customer(), posts, "x"); }
                    false if notes => { asides += 1; desk.aside(asides); }
                    false => {}
                }
            }
            desk.sync();
            // The agent reads up to the same event of the talk, named in the log's numbers.
            let shown = desk.room.shown.clone().unwrap();
            let place = upto.min(2 + posts);
            let seq = shown.hidden().seq(Audience::Customer, place);
            match desk.read(&agent(2), seq).strip_prefix("mark 2 ") {
                Some(place) => desk.kept(2, place.parse().unwrap()),
                None => Vec::new(),
            }
        };
        prop_assert_eq!(told(true), told(false));
    }
}
