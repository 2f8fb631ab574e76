//! Canned replies: a text with placeholders, read once, filled in for a ticket without ever being read again.

use deskwire_protocol::limits::{
    CANNED_PLACEHOLDERS_MAX, CANNED_TEXT_BYTES_MAX, CATEGORY_BYTES_MAX, NAME_BYTES_MAX, TEXT_BYTES_MAX,
};

use super::event::CategoryId;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The customer's display name.
    Customer,
    /// The display name of who answers.
    Agent,
    /// The ticket, as a word to quote.
    Ticket,
    /// The ticket's category.
    Category,
}

impl Placeholder {
    /// Every placeholder.
    pub const ALL: [Placeholder; 4] =
        [Placeholder::Customer, Placeholder::Agent, Placeholder::Ticket, Placeholder::Category];

    /// As it is written between braces.
    pub fn word(self) -> &'static str {
        match self {
            Placeholder::Customer => "customer",
            Placeholder::Agent => "agent",
            Placeholder::Ticket => "ticket",
            Placeholder::Category => "category",
        }
    }
}

/// What stands in place of the placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    /// The customer's display name.
    pub customer: String,
    /// The display name of who answers.
    pub agent: String,
    /// The ticket.
    pub ticket: String,
    /// Its category's name.
    pub category: String,
}

impl Filling {
    fn of(&self, placeholder: Placeholder) -> &str {
        match placeholder {
            Placeholder::Customer => &self.customer,
            Placeholder::Agent => &self.agent,
            Placeholder::Ticket => &self.ticket,
            Placeholder::Category => &self.category,
        }
    }
}

/// What is wrong with the text of a canned reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It says nothing.
    #[error("text: a canned reply says something")]
    Empty,
    /// It is too long.
    #[error("text has {0} bytes, at most {CANNED_TEXT_BYTES_MAX} are allowed")]
    TooLong(usize),
    /// There is no placeholder of this name.
    #[error(
        "there is no placeholder {{{0}}}: there are {{customer}}, {{agent}}, {{ticket}} and {{category}}, and \
         {{{{ and }}}} for the braces themselves"
    )]
    Unknown(String),
    /// A brace that opens or closes nothing.
    #[error("a brace stands alone at byte {0}: write {{{{ or }}}} for the brace itself")]
    Alone(usize),
    /// Too many placeholders.
    #[error("at most {CANNED_PLACEHOLDERS_MAX} placeholders are allowed")]
    TooMany,
}

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Of(Placeholder),
}

/// The text of a canned reply, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

// Whatever is filled in, the reply can be posted.
const FILLED_BYTES_MAX: usize = CANNED_TEXT_BYTES_MAX + CANNED_PLACEHOLDERS_MAX * NAME_BYTES_MAX;
const _: () = assert!(FILLED_BYTES_MAX <= TEXT_BYTES_MAX && CATEGORY_BYTES_MAX <= NAME_BYTES_MAX);

impl Template {
    /// Reads a text.
    pub fn read(text: &str) -> Result<Template, Unreadable> {
        if text.trim().is_empty() {
            return Err(Unreadable::Empty);
        }
        if text.len() > CANNED_TEXT_BYTES_MAX {
            return Err(Unreadable::TooLong(text.len()));
        }
        let (mut pieces, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            let place = text.len() - from.len();
            rest = match doubled(from) {
                Some(brace) => {
                    plain.push(brace);
                    &from[2..]
                }
                None => {
                    let (placeholder, rest) = placeholder(from, place)?;
                    pieces.extend([Piece::Plain(std::mem::take(&mut plain)), Piece::Of(placeholder)]);
                    rest
                }
            };
        }
        plain.push_str(rest);
        pieces.push(Piece::Plain(plain));
        let placeholders = pieces.iter().filter(|piece| matches!(piece, Piece::Of(_))).count();
        if placeholders > CANNED_PLACEHOLDERS_MAX {
            return Err(Unreadable::TooMany);
        }
        Ok(Template(pieces))
    }

    /// The text for one ticket. What is filled in is text: a name that looks like a placeholder stays as it is.
    pub fn fill(&self, filling: &Filling) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Plain(text) => text.clone(),
            Piece::Of(placeholder) => filling.of(*placeholder).to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}

/// The brace that stands here twice, for itself.
fn doubled(from: &str) -> Option<char> {
    ['{', '}'].into_iter().find(|brace| from.starts_with(*brace) && from[1..].starts_with(*brace))
}

fn placeholder(from: &str, at: usize) -> Result<(Placeholder, &str), Unreadable> {
    let (word, rest) = from.strip_prefix('{').and_then(|inner| inner.split_once('}')).ok_or(Unreadable::Alone(at))?;
    let known = Placeholder::ALL.into_iter().find(|placeholder| placeholder.word() == word);
    // A longer word is no name to be repeated.
    known.map(|known| (known, rest)).ok_or_else(|| Unreadable::Unknown(word.chars().take(40).collect()))
}

/// Whether a reply for one category, or for all, is one for this category.
pub fn fits(of: Option<CategoryId>, category: CategoryId) -> bool {
    of.is_none_or(|of| of == category)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filling(customer: &str) -> Filling {
        let (agent, ticket, category) = ("Alice".into(), "00ff".into(), "billing".into());
        Filling { customer: customer.into(), agent, ticket, category }
    }

    #[test]
    fn placeholders_are_filled_in_and_doubled_braces_stand_for_themselves() {
        for (text, filled) in [
            ("Dear {customer}, {agent} here.", "Dear Carl, Alice here."),
            ("{ticket}{category}", "00ffbilling"),
            ("a {{customer}} b", "a {customer} b"),
            ("{{{agent}}}", "{Alice}"),
            ("plain", "plain"),
            ("{{}}", "{}"),
        ] {
            assert_eq!(Template::read(text).map(|read| read.fill(&filling("Carl"))), Ok(filled.to_owned()), "{text}");
        }
    }

    /// C15: what cannot be is refused when it is saved, by its name. The limits at their edges.
    #[test]
    fn a_text_that_cannot_be_filled_in_is_refused_by_name() {
        let longest = "x".repeat(CANNED_TEXT_BYTES_MAX);
        let most = "{agent}".repeat(CANNED_PLACEHOLDERS_MAX);
        assert!(Template::read(&longest).is_ok() && Template::read(&most).is_ok());
        for (text, fault) in [
            (" \n", Unreadable::Empty),
            ("Dear {name}", Unreadable::Unknown("name".into())),
            ("{ agent }", Unreadable::Unknown(" agent ".into())),
            ("{Agent}", Unreadable::Unknown("Agent".into())),
            ("{}", Unreadable::Unknown(String::new())),
            ("100 } 2", Unreadable::Alone(4)),
            ("to {agent", Unreadable::Alone(3)),
            (&format!("{longest}x"), Unreadable::TooLong(CANNED_TEXT_BYTES_MAX + 1)),
            (&format!("{most}{{agent}}"), Unreadable::TooMany),
        ] {
            assert_eq!(Template::read(text), Err(fault.clone()), "{text}");
        }
        assert!(Unreadable::Unknown("name".into()).to_string().contains("{name}"));
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![any::<String>(), Just("{agent}".to_owned()), Just("{{customer}}".to_owned()), Just("}{".to_owned())]
    }

    proptest! {
        /// C15: a name that looks like a placeholder stays as it is, wherever it is filled in.
        #[test]
        fn what_is_filled_in_is_never_read_again(parts in prop::collection::vec(any::<bool>(), 1..20), name in word()) {
            let text: String = parts.iter().map(|of| if *of { "{customer}" } else { "<{{>" }).collect();
            let expected: String = parts.iter().map(|of| if *of { name.as_str() } else { "<{>" }).collect();
            let read = Template::read(&text).unwrap();
            prop_assert_eq!(read.fill(&filling(&name)), expected);
        }

        /// Any text is either refused or filled in; with the braces doubled it is always taken, and comes out as it was.
        #[test]
        fn any_text_can_be_said_by_doubling_its_braces(text in "\\PC{0,200}") {
            let _ = Template::read(&text);
            let doubled = text.replace('{', "{{").replace('}', "}}");
            match Template::read(&doubled) {
                Ok(read) => prop_assert_eq!(read.fill(&filling("Carl")), text),
                Err(fault) => prop_assert_eq!(fault, Unreadable::Empty),
            }
        }
    }
}
