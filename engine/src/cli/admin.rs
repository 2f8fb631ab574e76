//! `deskwire admin`: staff accounts while the engine is stopped, the first one above all.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use deskwire_protocol::Role;
use deskwire_protocol::limits::PASSWORD_BYTES_MAX;

use super::{Failure, SettingsFlags, offline, settings};
use crate::identity::passwords::hash_now;
use crate::identity::{Account, Accounts, CategoryIds, Keep, demo, new_person};
use crate::store::StoreHandle;

/// Shortest password, in letters.
const PASSWORD_LETTERS_MIN: usize = 8;

/// The flags of `admin create`.
#[derive(Args)]
pub(super) struct Create {
    /// How he signs in
    #[arg(long)]
    email: String,
    /// His display name
    #[arg(long)]
    name: String,
    /// What he is
    #[arg(long, value_enum, default_value = "admin")]
    role: StaffRole,
    /// The categories he serves, with commas between; else all there are
    #[arg(long, value_delimiter = ',')]
    categories: Option<Vec<String>>,
    /// Tickets he may have at once [default: the setting desk.slots]
    #[arg(long)]
    slots: Option<u16>,
    #[command(flatten)]
    common: SettingsFlags,
}

/// The roles an account may have.
#[derive(Clone, Copy, ValueEnum)]
enum StaffRole {
    /// Answers tickets of his categories.
    Agent,
    /// An agent who also watches, coaches and takes over.
    Supervisor,
    /// Runs the place.
    Admin,
}

impl From<StaffRole> for Role {
    fn from(role: StaffRole) -> Role {
        match role {
            StaffRole::Agent => Role::Agent,
            StaffRole::Supervisor => Role::Supervisor,
            StaffRole::Admin => Role::Admin,
        }
    }
}

/// Creates one account.
pub(super) fn create(create: Create) -> Result<(), Failure> {
    let settings = settings::read(&create.common)?;
    let password = read_password()?;
    let slots = create.slots.unwrap_or(settings.desk.slots);
    let hash = hash_now(&password);
    offline::with_store(&settings, async |store| put(store, create, slots, hash).await)
}

async fn put(store: StoreHandle, create: Create, slots: u16, hash: String) -> Result<(), anyhow::Error> {
    let accounts = Accounts::load(Keep::Store(store)).await?;
    demo::first_category(&accounts).await?;
    let account = Account {
        person: new_person(),
        email: create.email,
        name: create.name,
        role: create.role.into(),
        hash,
        categories: categories(&accounts, create.categories)?,
        slots,
    };
    let person = account.person;
    accounts.put(vec![account.into()]).await?;
    println!("created {person}");
    Ok(())
}

fn categories(accounts: &Accounts, named: Option<Vec<String>>) -> Result<CategoryIds, anyhow::Error> {
    let Some(named) = named else {
        return Ok(CategoryIds(accounts.categories().iter().map(|category| category.id).collect()));
    };
    let id = |name: &String| {
        let found = accounts.category_by_name(name.trim());
        found.map(|category| category.id).with_context(|| format!("there is no category {name:?}"))
    };
    named.iter().map(id).collect::<Result<_, _>>().map(CategoryIds)
}

/// Asked for twice at a terminal; else a line of standard input.
fn read_password() -> Result<String, anyhow::Error> {
    let password = if io::stdin().is_terminal() {
        let password = rpassword::prompt_password("Password: ").context("cannot read the password")?;
        let again = rpassword::prompt_password("Again: ").context("cannot read the password")?;
        if password != again {
            bail!("the two passwords differ");
        }
        password
    } else {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    };
    if password.chars().count() < PASSWORD_LETTERS_MIN || password.len() > PASSWORD_BYTES_MAX {
        bail!("a password has at least {PASSWORD_LETTERS_MIN} letters and at most {PASSWORD_BYTES_MAX} bytes");
    }
    Ok(password)
}
