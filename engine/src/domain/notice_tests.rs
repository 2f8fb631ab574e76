//! Who is given notice of what, row by row; and the list against its bounds.

use deskwire_protocol::{Phase, Priority, Routing, Step, StreamId};
use proptest::prelude::*;

use super::*;
use crate::domain::event::{MemberAdded, Noted, Opened, Posted, SkillList};

const CARL: PersonId = PersonId(1);
const ALICE: PersonId = PersonId(2);
const BOB: PersonId = PersonId(3);
const SAM: PersonId = PersonId(4);
const NOBODY: u16 = u16::MAX;

/// A ticket of Carl's; where Alice has it, Sam takes part as member 2.
fn ticket(agent: Option<PersonId>) -> Outline {
    let at = Time::from_ms(1);
    let opened = Opened {
        at,
        person: CARL,
        name: "Carl".into(),
        category: CategoryId(1),
        category_name: "general".into(),
        priority: Priority::Normal,
        subject: "printer".into(),
        early_posts: false,
        phase: Phase::Live,
        reachable: false,
        skills: SkillList::default(),
    };
    let mut outline = Outline::begin(TicketId(9), &opened.into()).unwrap();
    if let Some(agent) = agent {
        outline.apply(&assigned(agent, "Alice"));
        let (person, name, role) = (SAM, "Sam".into(), Role::Supervisor);
        outline.apply(&MemberAdded { at, person, name, role }.into());
    }
    outline
}

fn assigned(agent: PersonId, name: &str) -> Event {
    let (role, routing) = (Role::Agent, Routing::Automatic);
    let at = Time::from_ms(2);
    Event::Assigned(Assigned { at, agent, name: name.into(), role, member: 1, round: 1, routing, wrap_up_s: 0 })
}

fn step(author: u16, stage: StageName, reason: &str) -> Event {
    let (at, step) = (Time::from_ms(3), Step::Close);
    Event::Advanced(Advanced { at, author, step, stage, reason: reason.into() })
}

fn acted(person: PersonId, act: StaffAct, agent: PersonId) -> Event {
    let (at, until, reason) = (Time::from_ms(4), Time::default(), "he knows printers".into());
    Event::Acted(Acted { at, person, name: "Sam".into(), act, agent, agent_name: "x".into(), until, reason })
}

fn noted(person: PersonId, note: NoteKind) -> Event {
    let (at, stream) = (Time::from_ms(5), StreamId(1));
    let (name, role, text) = ("Sam".into(), Role::Supervisor, "ask for the model".into());
    Event::Noted(Noted { at, person, name, role, note, stream, number: 1, text })
}

/// What it is called, the ticket before, the event, and whom it concerns.
type Row = (&'static str, Outline, Event, Vec<(PersonId, NoticeWord)>);

/// E02, E03: each row is an event, and by hand whom it concerns.
#[test]
fn each_is_told_what_concerns_him_and_was_not_his_own_doing() {
    use NoticeWord::{Accepted, Closed, Given, Rejected, TakenAway, Transferred, Whispered};
    let (waits, has) = (|| ticket(None), || ticket(Some(ALICE)));
    let rows: Vec<Row> = vec![
        ("paired", waits(), assigned(ALICE, "Alice"), vec![(CARL, Accepted)]),
        ("given to another", has(), assigned(BOB, "Bob"), vec![(CARL, Transferred)]),
        ("closed by its agent", has(), step(1, StageName::Closed, "solved"), vec![(CARL, Closed)]),
        ("closed by a supervisor", has(), step(2, StageName::Closed, ""), vec![(CARL, Closed), (ALICE, Closed)]),
        ("closed by the customer", has(), step(0, StageName::Closed, ""), vec![]),
        ("closed by the engine", has(), step(NOBODY, StageName::Closed, ""), vec![(CARL, Closed)]),
        ("turned down", has(), step(1, StageName::Rejected, "spam"), vec![(CARL, Rejected)]),
        ("abandoned", waits(), step(0, StageName::Abandoned, ""), vec![]),
        ("abandoned for the customer", waits(), step(NOBODY, StageName::Abandoned, ""), vec![(CARL, Closed)]),
        ("put on hold", has(), step(1, StageName::OnHold, ""), vec![]),
        ("given back", has(), step(1, StageName::Waiting, ""), vec![]),
        ("transferred", has(), acted(ALICE, StaffAct::Transfer, BOB), vec![(BOB, Given)]),
        ("moved by a supervisor", has(), acted(SAM, StaffAct::Assign, BOB), vec![(BOB, Given), (ALICE, TakenAway)]),
        ("given out of the queue", waits(), acted(SAM, StaffAct::Assign, BOB), vec![(BOB, Given)]),
        ("taken over", has(), acted(SAM, StaffAct::TakeOver, SAM), vec![(ALICE, TakenAway)]),
        ("written up", has(), acted(ALICE, StaffAct::EndWrapUp, ALICE), vec![]),
        ("whispered", has(), noted(SAM, NoteKind::Whisper), vec![(ALICE, Whispered)]),
        ("noted", has(), noted(SAM, NoteKind::Note), vec![]),
        ("whispered while it waits", waits(), noted(SAM, NoteKind::Whisper), vec![]),
    ];
    for (name, before, event, expected) in rows {
        let found = addressed(&before, &event);
        assert_eq!(found.iter().map(|(who, notice)| (*who, notice.what)).collect::<Vec<_>>(), expected, "{name}");
        // What is said beside the talk is in no notice.
        assert!(found.iter().all(|(_, notice)| !notice.detail.contains("model")), "{name}");
    }
    let (_, closed) = addressed(&has(), &step(1, StageName::Closed, "solved")).remove(0);
    assert_eq!((closed.by.as_str(), closed.detail.as_str(), closed.ticket), ("Alice", "solved", TicketId(9)));
    let (_, accepted) = addressed(&waits(), &assigned(ALICE, "Alice")).remove(0);
    assert_eq!((accepted.by.as_str(), accepted.detail.as_str()), ("Alice", "printer"));
}

/// Posts are most of a log, and need not be read.
#[test]
fn only_posts_are_of_no_interest() {
    let (at, stream, text) = (Time::default(), StreamId(1), String::new());
    let posted = Event::Posted(Posted { at, author: 0, stream, number: 1, text });
    assert!(!is_of_interest(posted.kind()));
    assert!(addressed(&ticket(Some(ALICE)), &posted).is_empty());
    for event in [assigned(ALICE, ""), step(0, StageName::Closed, ""), acted(SAM, StaffAct::Assign, BOB)] {
        assert!(is_of_interest(event.kind()));
    }
}

/// E01: eligible agents and the supervisors of the teams that serve the category, nobody else.
#[test]
fn a_new_ticket_is_told_to_those_who_serve_it_and_their_supervisors() {
    let teams = BTreeSet::from([1, 2]);
    for (role, categories, team, expected) in [
        (Role::Agent, vec![1], Some(1), true),
        (Role::Agent, vec![1], None, true),
        (Role::Agent, vec![2], Some(1), false),
        (Role::Agent, vec![], Some(1), false),
        (Role::Supervisor, vec![], Some(2), true),
        (Role::Supervisor, vec![1], Some(3), false),
        (Role::Supervisor, vec![], None, true),
        (Role::Admin, vec![1], None, false),
        (Role::Customer, vec![], None, false),
    ] {
        let categories: Vec<CategoryId> = categories.into_iter().map(CategoryId).collect();
        let who = Who {
            person: BOB,
            role,
            name: "x".into(),
            categories: categories.as_slice().into(),
            reachable: true,
            sight: crate::domain::who::Sight::default(),
        };
        assert_eq!(hears_of_new(&who, team, CategoryId(1), &teams), expected, "{role:?} {categories:?} {team:?}");
    }
}

fn notice(ticket: u64) -> Notice {
    let (at, by, detail) = (Time::from_ms(ticket), "Alice".into(), String::new());
    Notice { what: NoticeWord::Accepted, ticket: TicketId(ticket), at, by, detail }
}

/// E03: the limits NOTICES_KEPT_MAX and NOTICES_PAGE_MAX at their edges.
#[test]
fn a_list_keeps_the_newest_and_pages_back() {
    let mut list = NoticeList::default();
    for ticket in 1..=NOTICES_KEPT_MAX as u64 + 1 {
        assert_eq!(list.add(notice(ticket)).unwrap().number, ticket as u32);
    }
    assert_eq!(list.lines().len(), NOTICES_KEPT_MAX);
    assert_eq!(list.lines()[0].number, 2, "the first has gone");
    let (page, more) = list.page(0);
    assert_eq!((page.len(), page[0].number, more), (NOTICES_PAGE_MAX, NOTICES_KEPT_MAX as u32 + 1, true));
    let (rest, more) = list.page(page.last().unwrap().number);
    assert_eq!((rest.len(), rest.last().unwrap().number, more), (NOTICES_KEPT_MAX - NOTICES_PAGE_MAX, 2, false));
    assert_eq!(list.page(2), (vec![], false));
}

#[test]
fn the_same_again_is_one_line_until_it_is_read() {
    let mut list = NoticeList::default();
    assert!(list.add(notice(1)).is_some());
    assert!(list.add(notice(1)).is_none());
    assert!(list.add(notice(2)).is_some() && list.add(notice(1)).is_some());
    assert!(list.mark(0) && !list.mark(0));
    assert!(list.add(notice(1)).is_some());
    assert_eq!((list.unread(), list.lines().len()), (1, 4));
}

proptest! {
    /// E03: whatever is added and marked, numbers rise, the bound holds, and unread is what was added less what was
    /// marked.
    #[test]
    fn numbers_rise_and_unread_is_counted(steps in prop::collection::vec((any::<bool>(), 0_u32..80), 0..150)) {
        let (mut list, mut read) = (NoticeList::default(), BTreeSet::new());
        for (adds, number) in steps {
            match adds {
                true => drop(list.add(notice(u64::from(number)))),
                false => {
                    let before = list.lines();
                    let hit = before.iter().filter(|line| number == 0 || line.number == number);
                    read.extend(hit.map(|line| line.number));
                    list.mark(number);
                }
            }
            let lines = list.lines();
            prop_assert!(lines.windows(2).all(|pair| pair[0].number + 1 == pair[1].number));
            prop_assert!(lines.len() <= NOTICES_KEPT_MAX);
            let unread = lines.iter().filter(|line| !read.contains(&line.number)).count();
            prop_assert_eq!(list.unread() as usize, unread);
        }
    }
}
