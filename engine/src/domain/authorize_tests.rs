//! The same table written a second time, by hand: every person, every action, every situation of a ticket.

use super::*;

const CUSTOMER: PersonId = PersonId(1);
const OTHER: PersonId = PersonId(2);
const OWNER: PersonId = PersonId(3);

/// Columns: y = may, f = seen but forbidden, u = as if there were no such ticket.
///
/// own: the customer whose ticket it is. oth: another customer. agt: the agent who has it or had it last. cat: an agent
/// of its category who never had it. sha: the same where colleagues read each other's tickets. for: an agent of other
/// categories. sup: a supervisor of a team that serves it. par: one who takes part. out: a supervisor of other teams who
/// took part once. osv: a supervisor of other teams who serves its category himself. adm: an admin. adv: an agent whom its
/// owner has asked into the notes. gue: a supervisor of other teams who is asked into the talk.
const WAITING: &str = "
              own oth agt cat sha for sup par out osv adm adv gue
    read       y   u   y   y   y   u   y   y   u   y   y   y   y
    post       y   u   f   f   f   u   f   y   u   f   f   f   y
    note       f   u   y   y   y   u   y   y   u   y   y   y   y
    whisper    f   u   f   f   f   u   y   y   u   f   f   f   f
    take_part  f   u   f   f   f   u   y   y   u   f   f   f   f
    transfer   f   u   f   f   f   u   y   y   u   f   y   f   f
    take_over  f   u   f   f   f   u   y   y   u   f   f   f   f
    override   f   u   f   f   f   u   y   y   u   f   y   f   f
    escalate   f   u   f   f   f   u   f   f   u   f   f   f   f
    consult    f   u   f   f   f   u   y   y   u   f   f   f   f
    leave      f   u   f   f   f   u   y   y   u   f   f   y   y
    wrap_up    f   u   f   f   f   u   f   f   u   f   f   f   f
    message    y   u   f   f   f   u   f   f   u   f   f   f   f
    pick       f   u   y   y   y   u   y   y   u   y   f   y   y
    ignore     f   u   y   y   y   u   y   y   u   y   f   f   f
    close      y   u   f   f   f   u   y   y   u   f   f   f   f
    reject     f   u   y   y   y   u   y   y   u   y   y   f   f
    abandon    y   u   f   f   f   u   f   f   u   f   f   f   f
    hold       f   u   f   f   f   u   f   f   u   f   f   f   f
    resume     f   u   f   f   f   u   f   f   u   f   f   f   f
    pend       f   u   f   f   f   u   f   f   u   f   f   f   f
    reopen     y   u   f   f   f   u   y   y   u   f   f   f   f
    requeue    f   u   f   f   f   u   y   y   u   f   f   f   f
    restore    f   u   f   f   f   u   y   y   u   f   y   f   f
";
const HELD_OR_OVER: &str = "
              own oth agt cat sha for sup par out osv adm adv gue
    read       y   u   y   u   y   u   y   y   u   u   y   y   y
    post       y   u   y   u   f   u   f   y   u   u   f   f   y
    note       f   u   y   u   f   u   y   y   u   u   y   y   y
    whisper    f   u   f   u   f   u   y   y   u   u   f   f   f
    take_part  f   u   f   u   f   u   y   y   u   u   f   f   f
    transfer   f   u   y   u   f   u   y   y   u   u   y   f   f
    take_over  f   u   f   u   f   u   y   y   u   u   f   f   f
    override   f   u   f   u   f   u   y   y   u   u   y   f   f
    escalate   f   u   y   u   f   u   f   f   u   u   f   f   f
    consult    f   u   y   u   f   u   y   y   u   u   f   f   f
    leave      f   u   y   u   f   u   y   y   u   u   f   y   y
    wrap_up    f   u   y   u   f   u   f   f   u   u   f   f   f
    message    y   u   f   u   f   u   f   f   u   u   f   f   f
    pick       f   u   y   y   y   u   y   y   u   y   f   y   y
    ignore     f   u   y   u   f   u   y   y   u   u   f   f   f
    close      y   u   y   u   f   u   y   y   u   u   f   f   f
    reject     f   u   y   u   f   u   y   y   u   u   y   f   f
    abandon    y   u   f   u   f   u   f   f   u   u   f   f   f
    hold       f   u   y   u   f   u   f   f   u   u   f   f   f
    resume     f   u   y   u   f   u   f   f   u   u   f   f   f
    pend       f   u   y   u   f   u   f   f   u   u   f   f   f
    reopen     y   u   y   u   f   u   y   y   u   u   f   f   f
    requeue    f   u   y   u   f   u   y   y   u   u   f   f   f
    restore    f   u   y   u   f   u   y   y   u   u   y   f   f
";
/// The desk: cus, agt, sup, adm.
const DESK: &str = "
              cus agt sup adm
    open       y   f   f   f
    status     f   y   y   f
    watch      f   y   y   y
    floor      f   f   y   y
    move_floor f   f   y   y
    administer f   f   f   y
    canned     f   y   y   y
    evaluate   f   f   y   y
";

fn action(word: &str) -> Action {
    match word {
        "open" => Action::OpenTicket,
        "status" => Action::SetStatus,
        "watch" => Action::WatchQueue,
        "floor" => Action::WatchFloor,
        "move_floor" => Action::MoveFloor,
        "administer" => Action::Administer,
        "canned" => Action::UseCanned,
        "evaluate" => Action::Evaluate,
        "read" => Action::Read,
        "post" => Action::Post,
        "note" => Action::Note,
        "whisper" => Action::Whisper,
        "take_part" => Action::TakePart,
        "message" => Action::LeaveMessage,
        "restore" => Action::Restore,
        "override" => Action::Override,
        "pick" => Action::Pick,
        "ignore" => Action::Ignore,
        "transfer" => Action::Transfer,
        "take_over" => Action::TakeOver,
        "escalate" => Action::Escalate,
        "consult" => Action::Consult,
        "leave" => Action::EndOwnConsult,
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

/// What the ticket's category is to somebody.
#[derive(Clone, Copy, Default)]
struct Has {
    serves: bool,
    oversees: bool,
    shared: bool,
    member: bool,
    invited: Option<Invitation>,
}

const NOTHING: Has = Has { serves: false, oversees: false, shared: false, member: false, invited: None };
const SERVES: Has = Has { serves: true, ..NOTHING };
const OVERSEES: Has = Has { oversees: true, ..SERVES };

/// The person of a column, and what he has to do with the ticket's category.
fn person(column: &str) -> (Actor, Has) {
    let (person, role, has) = match column {
        "own" => (CUSTOMER, Role::Customer, NOTHING),
        "oth" | "cus" => (OTHER, Role::Customer, NOTHING),
        "agt" => (OWNER, Role::Agent, SERVES),
        "cat" => (PersonId(4), Role::Agent, SERVES),
        "sha" => (PersonId(4), Role::Agent, Has { shared: true, ..SERVES }),
        "for" => (PersonId(5), Role::Agent, NOTHING),
        "sup" => (PersonId(6), Role::Supervisor, OVERSEES),
        "par" => (PersonId(6), Role::Supervisor, Has { member: true, ..OVERSEES }),
        "out" => (PersonId(6), Role::Supervisor, Has { member: true, ..NOTHING }),
        "osv" => (PersonId(6), Role::Supervisor, SERVES),
        "adv" => (PersonId(4), Role::Agent, Has { invited: Some(Invitation::Notes), ..SERVES }),
        "gue" => (PersonId(8), Role::Supervisor, Has { invited: Some(Invitation::Talk), member: true, ..NOTHING }),
        "adm" => (PersonId(7), Role::Admin, OVERSEES),
        other => panic!("{other}"),
    };
    (Actor { person, role }, has)
}

fn of_ticket(agent: Option<PersonId>, stage: StageName, has: Has) -> Target {
    let Has { serves, oversees, shared, member, invited } = has;
    Target::Ticket(OfTicket { customer: CUSTOMER, agent, stage, serves, oversees, shared, member, invited })
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
fn check(table: &str, target: impl Fn(Has) -> Target) -> usize {
    let mut lines = table.lines().filter(|line| !line.trim().is_empty());
    let columns: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let mut cells = 0;
    for line in lines {
        let mut words = line.split_whitespace();
        let row = words.next().unwrap();
        for column in &columns {
            let (who, has) = person(column);
            let found = authorize(&who, action(row), target(has));
            assert_eq!(found, expected(words.next().unwrap()), "{row} by {column} in {table}");
            cells += 1;
        }
    }
    cells
}

/// A01–A04, A11, A22
#[test]
fn every_cell_of_the_table_written_by_hand_is_what_the_rule_says() {
    let mut cells = check(DESK, |_| Target::Desk);
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
        cells += check(table, |has| of_ticket(Some(OWNER), *stage, has));
    }
    assert_eq!(cells, 32 + 8 * 24 * 13);
}

/// A22: an agent moved to other categories keeps what he has, and loses it with the ticket.
#[test]
fn an_owner_sees_his_ticket_whatever_he_serves_and_no_longer_once_it_waits() {
    let (owner, _) = person("agt");
    let of = |stage, agent| of_ticket(agent, stage, Has { member: true, ..NOTHING });
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
    let of = |agent| of_ticket(Some(agent), StageName::Assigned, OVERSEES);
    assert_eq!(authorize(&supervisor, Action::Post, of(supervisor.person)), Ok(()));
    assert_eq!(authorize(&supervisor, Action::Post, of(OWNER)), Err(Refusal::Forbidden));
}

/// A11: what is asked of the desk is refused on a ticket and the other way round, never allowed by mistake.
#[test]
fn an_action_on_the_wrong_target_is_refused() {
    let (admin, has) = person("adm");
    let ticket = of_ticket(None, StageName::Waiting, has);
    assert_eq!(authorize(&admin, Action::Administer, ticket), Err(Refusal::Forbidden));
    assert_eq!(authorize(&admin, Action::Read, Target::Desk), Err(Refusal::Forbidden));
}
