//! The same table written a second time, by hand: every person, every action, every situation of a ticket.

use super::*;

const CUSTOMER: PersonId = PersonId(1);
const OTHER: PersonId = PersonId(2);
const OWNER: PersonId = PersonId(3);

/// Columns: y = may, f = seen but forbidden, u = as if there were no such ticket.
///
/// own: the customer whose ticket it is. oth: another customer. agt: the agent who has it or had it last. cat: an agent
/// of its category who never had it. for: an agent of other categories. sup: a supervisor. par: one who takes part.
/// adm: an admin.
const WAITING: &str = "
              own oth agt cat for sup par adm
    read       y   u   y   y   u   y   y   y
    post       y   u   f   f   u   f   y   f
    note       f   u   y   y   u   y   y   y
    whisper    f   u   f   f   u   y   y   f
    take_part  f   u   f   f   u   y   y   f
    transfer   f   u   f   f   u   y   y   y
    take_over  f   u   f   f   u   y   y   f
    override   f   u   f   f   u   y   y   y
    escalate   f   u   f   f   u   f   f   f
    wrap_up    f   u   f   f   u   f   f   f
    pick       f   u   y   y   u   y   y   f
    ignore     f   u   y   y   u   y   y   f
    close      y   u   f   f   u   y   y   f
    reject     f   u   y   y   u   y   y   y
    abandon    y   u   f   f   u   f   f   f
    hold       f   u   f   f   u   f   f   f
    resume     f   u   f   f   u   f   f   f
    pend       f   u   f   f   u   f   f   f
    reopen     y   u   f   f   u   y   y   f
    requeue    f   u   f   f   u   y   y   f
    restore    f   u   f   f   u   y   y   y
";
const HELD_OR_OVER: &str = "
              own oth agt cat for sup par adm
    read       y   u   y   u   u   y   y   y
    post       y   u   y   u   u   f   y   f
    note       f   u   y   u   u   y   y   y
    whisper    f   u   f   u   u   y   y   f
    take_part  f   u   f   u   u   y   y   f
    transfer   f   u   y   u   u   y   y   y
    take_over  f   u   f   u   u   y   y   f
    override   f   u   f   u   u   y   y   y
    escalate   f   u   y   u   u   f   f   f
    wrap_up    f   u   y   u   u   f   f   f
    pick       f   u   y   y   u   y   y   f
    ignore     f   u   y   u   u   y   y   f
    close      y   u   y   u   u   y   y   f
    reject     f   u   y   u   u   y   y   y
    abandon    y   u   f   u   u   f   f   f
    hold       f   u   y   u   u   f   f   f
    resume     f   u   y   u   u   f   f   f
    pend       f   u   y   u   u   f   f   f
    reopen     y   u   y   u   u   y   y   f
    requeue    f   u   y   u   u   y   y   f
    restore    f   u   y   u   u   y   y   y
";
/// The desk: cus, agt, sup, adm.
const DESK: &str = "
              cus agt sup adm
    open       y   f   f   f
    status     f   y   y   f
    watch      f   y   y   y
    administer f   f   f   y
    canned     f   y   y   y
    evaluate   f   f   y   y
";

fn action(word: &str) -> Action {
    match word {
        "open" => Action::OpenTicket,
        "status" => Action::SetStatus,
        "watch" => Action::WatchQueue,
        "administer" => Action::Administer,
        "canned" => Action::UseCanned,
        "evaluate" => Action::Evaluate,
        "read" => Action::Read,
        "post" => Action::Post,
        "note" => Action::Note,
        "whisper" => Action::Whisper,
        "take_part" => Action::TakePart,
        "restore" => Action::Restore,
        "override" => Action::Override,
        "pick" => Action::Pick,
        "ignore" => Action::Ignore,
        "transfer" => Action::Transfer,
        "take_over" => Action::TakeOver,
        "escalate" => Action::Escalate,
        "wrap_up" => Action::WrapUp,
        "close" => Action::Advance(Step::Close),
        "reject" => Action::Advance(Step::Reject),
        "abandon" => Action::Advance(Step::Abandon),
        "hold" => Action::Advance(Step::Hold),
        "resume" => Action::Advance(Step::Resume),
        "pend" => Action::Advance(Step::Pend),
        "reopen" => Action::Advance(Step::Reopen),
        "requeue" => Action::Advance(Step::Requeue),
        other => panic!("{other}"),
    }
}

/// The person of a column, and whether he serves the ticket's category.
fn person(column: &str) -> (Actor, bool) {
    let (person, role, serves) = match column {
        "own" => (CUSTOMER, Role::Customer, false),
        "oth" | "cus" => (OTHER, Role::Customer, false),
        "agt" => (OWNER, Role::Agent, true),
        "cat" => (PersonId(4), Role::Agent, true),
        "for" => (PersonId(5), Role::Agent, false),
        "sup" | "par" => (PersonId(6), Role::Supervisor, false),
        "adm" => (PersonId(7), Role::Admin, false),
        other => panic!("{other}"),
    };
    (Actor { person, role }, serves)
}

fn expected(letter: &str) -> Result<(), Refusal> {
    match letter {
        "y" => Ok(()),
        "f" => Err(Refusal::Forbidden),
        "u" => Err(Refusal::UnknownTicket),
        other => panic!("{other}"),
    }
}

/// Holds every cell of a table against the rule; answers how many there were.
fn check(table: &str, target: impl Fn(bool, bool) -> Target) -> usize {
    let mut lines = table.lines().filter(|line| !line.trim().is_empty());
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut cells = 0;
    for line in lines {
        let mut words = line.split_whitespace();
        let row = words.next().unwrap();
        for column in &columns {
            let (who, serves) = person(column);
            let found = authorize(&who, action(row), target(serves, *column == "par"));
            assert_eq!(found, expected(words.next().unwrap()), "{row} by {column} in {table}");
            cells += 1;
        }
    }
    cells
}

/// A01–A04, A11, A22
#[test]
fn every_cell_of_the_table_written_by_hand_is_what_the_rule_says() {
    let mut cells = check(DESK, |_, _| Target::Desk);
    for stage in StageName::ALL {
        let table = match stage {
            StageName::Waiting | StageName::Reopened => WAITING,
            StageName::Assigned
            | StageName::Pending
            | StageName::OnHold
            | StageName::Closed
            | StageName::Rejected
            | StageName::Abandoned => HELD_OR_OVER,
        };
        cells += check(table, |serves, member| {
            Target::Ticket(OfTicket { customer: CUSTOMER, agent: Some(OWNER), stage: *stage, serves, member })
        });
    }
    assert_eq!(cells, 24 + 8 * 21 * 8);
}

/// A22: an agent moved to other categories keeps what he has, and loses it with the ticket.
#[test]
fn an_owner_sees_his_ticket_whatever_he_serves_and_no_longer_once_it_waits() {
    let (owner, _) = person("agt");
    let of = |stage, agent| Target::Ticket(OfTicket { customer: CUSTOMER, agent, stage, serves: false, member: true });
    for (stage, agent, expected) in [
        (StageName::Assigned, Some(OWNER), Ok(())),
        (StageName::Closed, Some(OWNER), Ok(())),
        (StageName::Waiting, Some(OWNER), Err(Refusal::UnknownTicket)),
        (StageName::Assigned, Some(PersonId(9)), Err(Refusal::UnknownTicket)),
        (StageName::Waiting, None, Err(Refusal::UnknownTicket)),
    ] {
        assert_eq!(authorize(&owner, Action::Read, of(stage, agent)), expected, "{stage:?} {agent:?}");
    }
}

/// A03: a supervisor who has a ticket is its agent.
#[test]
fn a_supervisor_posts_where_he_is_the_agent() {
    let (supervisor, _) = person("sup");
    let of = |agent| {
        let stage = StageName::Assigned;
        Target::Ticket(OfTicket { customer: CUSTOMER, agent: Some(agent), stage, serves: false, member: false })
    };
    assert_eq!(authorize(&supervisor, Action::Post, of(supervisor.person)), Ok(()));
    assert_eq!(authorize(&supervisor, Action::Post, of(OWNER)), Err(Refusal::Forbidden));
}

/// A11: what is asked of the desk is refused on a ticket and the other way round, never allowed by mistake.
#[test]
fn an_action_on_the_wrong_target_is_refused() {
    let (admin, serves) = person("adm");
    let stage = StageName::Waiting;
    let ticket = Target::Ticket(OfTicket { customer: CUSTOMER, agent: None, stage, serves, member: false });
    assert_eq!(authorize(&admin, Action::Administer, ticket), Err(Refusal::Forbidden));
    assert_eq!(authorize(&admin, Action::Read, Target::Desk), Err(Refusal::Forbidden));
}
