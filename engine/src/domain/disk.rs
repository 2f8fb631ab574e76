//! What the state of the disk allows: posts stop first, what frees people goes on longer.

use super::ticket::Command;

/// How full the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disk {
    /// Everything may be written.
    Fine,
    /// No posts, new tickets or pairing; steps that free people still write.
    Low,
    /// Nothing is written.
    Lowest,
}

impl Disk {
    /// Whether a command may write now.
    pub fn admits(self, command: &Command) -> bool {
        match (self, command) {
            (Disk::Fine, _) => true,
            (Disk::Low, Command::Advance { .. } | Command::WrapUp { .. } | Command::LeaveMessage) => true,
            (Disk::Low, Command::Hand(handing)) => handing.frees_somebody(),
            (Disk::Low, Command::Open { .. } | Command::Post { .. } | Command::Note { .. }) => false,
            (Disk::Low, Command::Assign { .. } | Command::TakePart) => false,
            (Disk::Low, Command::Moderate(_) | Command::Depart) => true,
            (Disk::Low, Command::Found(_) | Command::Enter) => false,
            (Disk::Lowest, _) => false,
        }
    }

    /// Whether what is noted of people's acts may still be written.
    pub fn admits_audit(self) -> bool {
        self != Disk::Lowest
    }
}
