//! A staff account and a category: as values, and as the records that the store keeps.

use deskwire_protocol::limits::{CATEGORY_BYTES_MAX, EMAIL_BYTES_MAX, NAME_BYTES_MAX};
use deskwire_protocol::wire::{Field, Shape, Wire, WireType};
use deskwire_protocol::{Malformed, PersonId, Role, frames};
use rkyv::{Archive, Deserialize, Serialize};

use crate::domain::event::{CategoryId, SkillList};
use crate::domain::matcher::{LEVEL_MAX, SKILLS_MAX};
use crate::domain::rules::{Rules, Unruly};

/// Most categories of one desk.
pub const CATEGORIES_MAX: usize = 1_000;
/// Longest text of a category's rules, in bytes.
pub const RULES_BYTES_MAX: usize = 24 * 1_024;
/// Most teams of one desk.
pub const TEAMS_MAX: usize = 1_000;
/// Asynchronous tickets that an agent of whom nothing else is said may have at once.
pub const ASYNCHRONOUS_SLOTS: u16 = 50;
/// Longest password hash, in bytes.
const HASH_BYTES_MAX: usize = 256;

/// The categories a member of staff serves.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Archive, Serialize, Deserialize, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct CategoryIds(pub Vec<CategoryId>);

/// Teams by their numbers.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Archive, Serialize, Deserialize, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct TeamIds(pub Vec<u16>);

impl Wire for TeamIds {
    const TYPE: WireType = WireType::List(&Shape {
        name: "TeamId",
        doc: "A team.",
        fields: &[Field { name: "id", wire: WireType::U16, max: None, optional: false, doc: "Its number." }],
    });

    fn size(&self) -> usize {
        self.0.len()
    }

    fn out_of_line(&self) -> usize {
        2 * self.0.len()
    }
}

impl Wire for CategoryIds {
    const TYPE: WireType = WireType::List(&Shape {
        name: "CategoryId",
        doc: "A category.",
        fields: &[Field { name: "id", wire: WireType::U16, max: None, optional: false, doc: "Its number." }],
    });

    fn size(&self) -> usize {
        self.0.len()
    }

    fn out_of_line(&self) -> usize {
        2 * self.0.len()
    }
}

frames! {
    /// What the desk keeps of its staff and categories. Numbers are never used again; a changed record is a new kind.
    pub enum DeskRecord {
        /// A member of staff.
        1 Account {
            /// Who.
            person: PersonId;
            /// How he signs in; in lower case.
            email: String [max EMAIL_BYTES_MAX];
            /// His display name.
            name: String [max NAME_BYTES_MAX];
            /// What he is.
            role: Role;
            /// His password, hashed with argon2id.
            hash: String [max HASH_BYTES_MAX];
            /// What he serves.
            categories: CategoryIds [max CATEGORIES_MAX];
            /// Tickets he may have at once.
            slots: u16;
        }
        /// A category of tickets.
        2 Category {
            /// Its number; never used again.
            id: CategoryId;
            /// Its name, as customers choose it.
            name: String [max CATEGORY_BYTES_MAX];
            /// Whether the queue gives its tickets to agents; else they pick them by hand.
            automatic: bool;
            /// Whether a customer may post before an agent has his ticket.
            early_posts: bool;
        }
        /// What the queue must know of an agent beyond his account.
        3 AgentProfile {
            /// Who.
            person: PersonId;
            /// His team's number, or 0 for none.
            team: u16;
            /// What he can do.
            skills: SkillList [max SKILLS_MAX];
            /// Asynchronous tickets he may have at once.
            asynchronous: u16;
        }
        /// The rules of a category.
        4 CategoryRules {
            /// Its number.
            id: CategoryId;
            /// The rules, as JSON.
            text: String [max RULES_BYTES_MAX];
        }
        /// A team: a limit above those of its agents.
        5 Team {
            /// Its number, from 1; never used again.
            id: u16;
            /// Its name.
            name: String [max CATEGORY_BYTES_MAX];
            /// Live chats that all its agents together may have at once; 65535 for no limit.
            live: u16;
            /// Asynchronous tickets that all its agents together may have at once; 65535 for no limit.
            asynchronous: u16;
        }
        /// The teams that a supervisor is bound to.
        9 Supervision {
            /// Who.
            person: PersonId;
            /// Their numbers; none where he oversees all.
            teams: TeamIds [max TEAMS_MAX];
        }
    }
}

impl Account {
    /// Whether he serves a category.
    pub fn serves(&self, category: CategoryId) -> bool {
        self.categories.0.contains(&category)
    }
}

/// An address as it is kept and compared: without blanks around it, in lower case.
pub fn plain_email(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// Why an account or category cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The address is not one.
    #[error("{0:?} is not an e-mail address of at most 254 bytes")]
    Email(String),
    /// The name is empty, too long or has control characters.
    #[error("a name has 1 to {0} bytes and no control characters")]
    Name(usize),
    /// The role is a customer's.
    #[error("an account is an agent's, a supervisor's or an admin's")]
    Role,
    /// Another account has this address.
    #[error("there is an account with this e-mail address")]
    EmailTaken,
    /// Another category has this name.
    #[error("there is a category of this name")]
    NameTaken,
    /// More categories than a desk may have.
    #[error("a desk has at most {CATEGORIES_MAX} categories")]
    TooMany,
    /// A level does not exist.
    #[error("a skill's level is 1 to {LEVEL_MAX}")]
    Level,
    /// There is no team of this number.
    #[error("there is no team {0}")]
    UnknownTeam(u16),
    /// There is no such person.
    #[error("there is no such member of staff")]
    UnknownPerson,
    /// Only supervisors are bound to teams.
    #[error("only a supervisor is bound to teams")]
    NoSupervisor,
    /// The rules are not.
    #[error("{0}")]
    Unruly(#[from] Unruly),
    /// There is no category of this name.
    #[error("there is no category {0:?}")]
    NoCategory(String),
    /// A text or list is too long to be kept.
    #[error("{0}")]
    TooLong(#[from] Malformed),
    /// There is no category of this number.
    #[error("there is no category {}", .0.0)]
    UnknownCategory(CategoryId),
}

/// What an account must be by itself.
pub(super) fn check_account(account: &Account) -> Result<(), Unfit> {
    let email = &account.email;
    let parts = email.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    let plain = *email == plain_email(email) && !email.chars().any(|letter| letter.is_control() || letter == ' ');
    if parts.is_none() || !plain || email.len() > EMAIL_BYTES_MAX {
        return Err(Unfit::Email(email.clone()));
    }
    if !account.role.is_staff() {
        return Err(Unfit::Role);
    }
    check_name(&account.name, NAME_BYTES_MAX)
}

/// What a category must be by itself.
pub(super) fn check_category(category: &Category) -> Result<(), Unfit> {
    check_name(&category.name, CATEGORY_BYTES_MAX)
}

/// What an agent's profile must be by itself.
pub(super) fn check_profile(profile: &AgentProfile) -> Result<(), Unfit> {
    let levels = profile.skills.0.iter().all(|skill| (1..=LEVEL_MAX).contains(&skill.level));
    levels.then_some(()).ok_or(Unfit::Level)
}

/// What the rules of a category must be by themselves.
pub(super) fn check_rules(rules: &CategoryRules) -> Result<Rules, Unfit> {
    Ok(Rules::parse(&rules.text)?)
}

/// What a team must be by itself.
pub(super) fn check_team(team: &Team) -> Result<(), Unfit> {
    match team.id {
        0 => Err(Unfit::UnknownTeam(0)),
        _ => check_name(&team.name, CATEGORY_BYTES_MAX),
    }
}

fn check_name(name: &str, bytes_max: usize) -> Result<(), Unfit> {
    let fits = !name.trim().is_empty() && name.len() <= bytes_max && !name.chars().any(char::is_control);
    fits.then_some(()).ok_or(Unfit::Name(bytes_max))
}
