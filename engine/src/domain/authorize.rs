//! Who may do what: one table for every door, pure.
//!
//! A ticket that somebody may not see answers exactly as one that does not exist. What a ticket's stage allows is the
//! ticket's own matter; here it is only about who asks.

use deskwire_protocol::{PersonId, Refusal, Role, StageName, Step};

use super::facts::Invitation;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: Role,
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start a chat of his own.
    OpenTicket,
    /// Say whether he takes tickets.
    SetStatus,
    /// See the queue of his categories change.
    WatchQueue,
    /// See the agents and categories that he oversees change, and ask what would be if.
    WatchFloor,
    /// Do something about other agents: their status, their tickets, their team's slots.
    MoveFloor,
    /// Manage accounts, categories and settings.
    Administer,
    /// Use the canned replies of his categories.
    UseCanned,
    /// Evaluate agents and their tickets, and read how they were evaluated.
    Evaluate,
    /// Hear a ticket, read it back.
    Read,
    /// Say something in it, be seen typing.
    Post,
    /// Leave a remark that staff alone see, be seen by them typing it.
    Note,
    /// Say something to its agent that staff alone see.
    Whisper,
    /// Become one whom all see, and who may talk, without having it.
    TakePart,
    /// Give it to an agent.
    Transfer,
    /// Take it from whoever has it.
    TakeOver,
    /// Give it to an agent, or take it, beyond the limit of his slots.
    Override,
    /// Ask for a supervisor to have it, or for none any more.
    Escalate,
    /// Ask a colleague into it, or no more.
    Consult,
    /// Leave it again as one who was asked in.
    EndOwnConsult,
    /// Say that it is written up, or is not yet.
    WrapUp,
    /// Have it go on as a message.
    LeaveMessage,
    /// Take it out of the queue by hand.
    Pick,
    /// Hide it from his view of the queue, or show it again.
    Ignore,
    /// Move it through its life.
    Advance(Step),
    /// Put it back into the queue after it was turned down.
    Restore,
    /// Found a discussion.
    Found,
    /// Become a member of a discussion.
    Enter,
    /// Moderate a discussion.
    Moderate,
}

/// On what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The desk as a whole.
    Desk,
    /// One ticket.
    Ticket(OfTicket),
    /// One discussion.
    Discussion(Part),
}

/// What somebody is to a discussion: the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// He moderates it, in it or not: supervisors and admins do, and whom they appoint.
    Moderator,
    /// He is in it.
    Member,
    /// He may enter.
    Visitor,
    /// He may not.
    Banned,
}

/// What must be known of a ticket, and of the one who asks, to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfTicket {
    /// Whose it is.
    pub customer: PersonId,
    /// Who has it, or had it last.
    pub agent: Option<PersonId>,
    /// Where it is in its life.
    pub stage: StageName,
    /// Whether he who asks serves its category.
    pub serves: bool,
    /// Whether he oversees it: as an admin, or as a supervisor of a team that serves it.
    pub oversees: bool,
    /// Whether those who serve it read each other's tickets.
    pub shared: bool,
    /// Whether he who asks takes part, or did.
    pub member: bool,
    /// Into what he who asks is invited, if he is.
    pub invited: Option<Invitation>,
}

/// What somebody is to a ticket: the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is his question.
    Customer,
    /// He has it; or it is over and he had it last.
    Agent,
    /// A supervisor who takes part in the talk.
    Partaker,
    /// He may take over and see all, wherever it is; as long as he does no more, he watches unseen.
    Supervisor,
    /// He may see all.
    Admin,
    /// A colleague whom its owner has asked into the talk.
    Guest,
    /// A colleague whom its owner has asked into the notes.
    Adviser,
    /// It waits in a category of his.
    Candidate,
    /// Somebody else has it, or had it, in a category of his whose tickets colleagues read.
    Onlooker,
    /// Somebody else has it, or had it, in a category of his.
    Colleague,
    /// Nothing: for him it does not exist.
    Stranger,
}

/// Whether `who` may do `action` on `on`; the refusal is what he is told.
pub fn authorize(who: &Actor, action: Action, on: Target) -> Result<(), Refusal> {
    match on {
        Target::Desk => on_desk(who.role, action),
        Target::Ticket(ticket) => on_ticket(standing(who, &ticket), action),
        Target::Discussion(part) => on_discussion(part, action),
    }
}

fn on_desk(role: Role, action: Action) -> Result<(), Refusal> {
    let roles: &[Role] = match action {
        Action::OpenTicket => &[Role::Customer],
        Action::SetStatus => &[Role::Agent, Role::Supervisor],
        Action::WatchQueue => &[Role::Agent, Role::Supervisor, Role::Admin],
        Action::WatchFloor | Action::MoveFloor => &[Role::Supervisor, Role::Admin],
        Action::Administer => &[Role::Admin],
        Action::UseCanned => &[Role::Agent, Role::Supervisor, Role::Admin],
        Action::Evaluate => &[Role::Supervisor, Role::Admin],
        Action::Read | Action::Post | Action::Note | Action::Whisper => &[],
        Action::TakePart | Action::Pick | Action::Ignore | Action::Advance(_) | Action::Restore => &[],
        Action::Transfer | Action::TakeOver | Action::Override | Action::Escalate | Action::WrapUp => &[],
        Action::LeaveMessage | Action::Consult | Action::EndOwnConsult => &[],
        Action::Found => &[Role::Supervisor, Role::Admin],
        Action::Enter | Action::Moderate => &[],
    };
    roles.contains(&role).then_some(()).ok_or(Refusal::Forbidden)
}

/// Discussions are listed for everybody who is signed in: what is refused need not be hidden.
fn on_discussion(part: Part, action: Action) -> Result<(), Refusal> {
    let parts: &[Part] = match action {
        Action::Read | Action::Enter => &[Part::Moderator, Part::Member, Part::Visitor],
        Action::Post => &[Part::Moderator, Part::Member],
        Action::Moderate => &[Part::Moderator],
        Action::OpenTicket | Action::SetStatus | Action::WatchQueue | Action::Administer | Action::Found => &[],
        Action::Note | Action::Whisper | Action::TakePart | Action::Transfer | Action::TakeOver => &[],
        Action::WrapUp | Action::Pick | Action::Advance(_) | Action::LeaveMessage => &[],
        Action::Override | Action::Escalate | Action::Ignore | Action::Restore => &[],
        Action::Consult | Action::EndOwnConsult => &[],
        Action::UseCanned | Action::Evaluate | Action::WatchFloor | Action::MoveFloor => &[],
    };
    let refusal = match (part, action) {
        (Part::Banned, _) => Refusal::Banned,
        (Part::Visitor, Action::Post) => Refusal::NotAMember,
        (Part::Moderator | Part::Member | Part::Visitor, _) => Refusal::Forbidden,
    };
    parts.contains(&part).then_some(()).ok_or(refusal)
}

fn on_ticket(standing: Standing, action: Action) -> Result<(), Refusal> {
    if standings(action).contains(&standing) {
        return Ok(());
    }
    let sees = standings(Action::Read).contains(&standing);
    Err(if sees { Refusal::Forbidden } else { Refusal::UnknownTicket })
}

/// The table. A ticket's agent passes all that its agent could ever do: the ticket knows better words for "not now".
fn standings(action: Action) -> &'static [Standing] {
    use Standing::{Admin, Adviser, Agent, Candidate, Colleague, Customer, Guest, Onlooker, Partaker, Supervisor};
    match action {
        Action::OpenTicket | Action::SetStatus | Action::WatchQueue | Action::Administer => &[],
        Action::WatchFloor | Action::MoveFloor | Action::UseCanned | Action::Evaluate => &[],
        Action::Found | Action::Enter | Action::Moderate => &[],
        Action::Read => &[Customer, Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate, Onlooker],
        Action::Post => &[Customer, Agent, Partaker, Guest],
        Action::Note => &[Agent, Partaker, Supervisor, Admin, Guest, Adviser, Candidate],
        Action::Whisper | Action::TakePart | Action::TakeOver => &[Partaker, Supervisor],
        Action::Override => &[Partaker, Supervisor, Admin],
        Action::Transfer => &[Agent, Partaker, Supervisor, Admin],
        Action::Consult => &[Agent, Partaker, Supervisor],
        Action::EndOwnConsult => &[Agent, Partaker, Supervisor, Guest, Adviser],
        Action::Escalate | Action::WrapUp => &[Agent],
        Action::Ignore => &[Agent, Partaker, Supervisor, Candidate],
        Action::LeaveMessage => &[Customer],
        // A colleague may try, so that of two who pick at once the second hears that it is taken.
        Action::Pick => &[Agent, Partaker, Supervisor, Guest, Adviser, Candidate, Onlooker, Colleague],
        Action::Restore => &[Agent, Partaker, Supervisor, Admin],
        Action::Advance(step) => match step {
            Step::Close | Step::Reopen => &[Customer, Agent, Partaker, Supervisor],
            Step::Reject => &[Agent, Partaker, Supervisor, Admin, Candidate],
            Step::Abandon => &[Customer],
            Step::Hold | Step::Resume | Step::Pend => &[Agent],
            Step::Requeue => &[Agent, Partaker, Supervisor],
        },
    }
}

/// What somebody is to a ticket.
pub fn standing(who: &Actor, ticket: &OfTicket) -> Standing {
    let waits = matches!(ticket.stage, StageName::Waiting | StageName::Reopened);
    let has_or_had_it = ticket.agent == Some(who.person) && !waits;
    match who.role {
        Role::Customer if ticket.customer == who.person => Standing::Customer,
        Role::Customer => Standing::Stranger,
        Role::Agent | Role::Supervisor | Role::Admin if has_or_had_it => Standing::Agent,
        Role::Supervisor if ticket.oversees && ticket.member => Standing::Partaker,
        Role::Supervisor if ticket.oversees => Standing::Supervisor,
        Role::Admin => Standing::Admin,
        Role::Agent | Role::Supervisor if ticket.invited == Some(Invitation::Talk) => Standing::Guest,
        Role::Agent | Role::Supervisor if ticket.invited == Some(Invitation::Notes) => Standing::Adviser,
        // A supervisor is an agent like others where his teams do not serve.
        Role::Agent | Role::Supervisor if !ticket.serves => Standing::Stranger,
        Role::Agent | Role::Supervisor if waits => Standing::Candidate,
        Role::Agent | Role::Supervisor if ticket.shared => Standing::Onlooker,
        Role::Agent | Role::Supervisor => Standing::Colleague,
    }
}

/// As whom somebody is shown a discussion: customers what customers see, staff what those of a talk see.
pub fn standing_in_discussion(role: Role) -> Standing {
    match role {
        Role::Customer => Standing::Customer,
        Role::Agent | Role::Supervisor | Role::Admin => Standing::Partaker,
    }
}

#[cfg(test)]
#[path = "authorize_tests.rs"]
mod tests;
