//! A sliding window of counts: a ring of minutes.

use deskwire_protocol::Time;

/// How many minutes the window has, the current one included.
pub const WINDOW_MINUTES: usize = 30;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// First waits that an agent ended.
    pub answered: u32,
    /// Of these, those that ended in time.
    pub in_time: u32,
    /// First waits that the customer ended.
    pub abandoned: u32,
    /// Of these, short ones.
    pub abandoned_short: u32,
}

impl Counts {
    /// The share answered in time, short abandons counted against it, in thousandths; 1000 where nothing is counted.
    pub fn service_level(&self) -> u16 {
        thousandths(self.in_time, self.answered + self.abandoned).unwrap_or(1_000)
    }

    /// The same as if whoever left at once had never come.
    pub fn service_level_without_short(&self) -> u16 {
        thousandths(self.in_time, self.answered + self.abandoned - self.abandoned_short).unwrap_or(1_000)
    }

    /// The share that left, in thousandths; 0 where nothing is counted.
    pub fn abandonment(&self) -> u16 {
        thousandths(self.abandoned, self.answered + self.abandoned).unwrap_or(0)
    }
}

/// A part of a whole in thousandths, if there is a whole.
pub(super) fn thousandths(part: u32, whole: u32) -> Option<u16> {
    let share = (u64::from(part) * 1_000).checked_div(u64::from(whole))?;
    Some(u16::try_from(share).unwrap_or(u16::MAX))
}

/// The ring.
#[derive(Debug)]
pub(super) struct Window {
    minutes: [Counts; WINDOW_MINUTES],
    /// The newest minute that is in it.
    newest: u64,
}

impl Default for Window {
    fn default() -> Window {
        Window { minutes: [Counts::default(); WINDOW_MINUTES], newest: 0 }
    }
}

fn minute(time: Time) -> u64 {
    time.ms() / 60_000
}

fn place(minute: u64) -> usize {
    (minute % WINDOW_MINUTES as u64) as usize
}

impl Window {
    /// The counts of the current minute. Time does not run back.
    pub(super) fn at(&mut self, now: Time) -> &mut Counts {
        let minute = minute(now);
        let passed = minute.saturating_sub(self.newest).min(WINDOW_MINUTES as u64);
        self.newest = self.newest.max(minute);
        for back in 0..passed {
            self.minutes[place(self.newest - back)] = Counts::default();
        }
        &mut self.minutes[place(self.newest)]
    }

    /// All of the window that ends now.
    pub(super) fn sum(&self, now: Time) -> Counts {
        let first = (minute(now) + 1).saturating_sub(WINDOW_MINUTES as u64);
        let oldest = (self.newest + 1).saturating_sub(WINDOW_MINUTES as u64).max(first);
        (oldest..=self.newest).fold(Counts::default(), |sum, minute| {
            let one = &self.minutes[place(minute)];
            Counts {
                answered: sum.answered + one.answered,
                in_time: sum.in_time + one.in_time,
                abandoned: sum.abandoned + one.abandoned,
                abandoned_short: sum.abandoned_short + one.abandoned_short,
            }
        })
    }
}
