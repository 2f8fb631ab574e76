//! A time zone: what day it is there, and at which instant its clocks show a reading, both changes included.

use deskwire_protocol::Time;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

/// Minutes of a day by the clock.
pub(super) const DAY_MINUTES: u16 = 24 * 60;

/// The last instant whose day is looked up, in the year 9000: later ones count as it, so that no calendar ends under us.
const LAST_MS: u64 = 221_845_392_000_000;

/// A time zone of the IANA database that is part of the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone(TimeZone);

impl Zone {
    /// The zone of this name, letters of either case; none where the database has no such place.
    pub(super) fn named(name: &str) -> Option<Zone> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        zone.iana_name().is_some().then_some(Zone(zone))
    }

    /// Its name as the database writes it.
    pub(super) fn name(&self) -> &str {
        self.0.iana_name().expect("a zone without a name is not taken")
    }

    /// The date there.
    pub(super) fn day_of(&self, at: Time) -> Date {
        let ms = i64::try_from(at.ms().min(LAST_MS)).expect("the year 9000 fits");
        let at = Timestamp::from_millisecond(ms).expect("up to the year 9000 is in range");
        self.0.to_datetime(at).date()
    }

    /// When what opens at this minute of the day opens: of two such instants the first.
    pub(super) fn opening(&self, day: Date, minute: u16) -> Time {
        self.instant(day, minute, |first, _| first)
    }

    /// When what closes at this minute of the day closes: of two such instants the second.
    pub(super) fn closing(&self, day: Date, minute: u16) -> Time {
        if minute == DAY_MINUTES {
            // The end of the day: 00:00 twice must not lengthen the day before.
            return self.opening(day, minute);
        }
        self.instant(day, minute, |_, second| second)
    }

    fn instant(&self, day: Date, minute: u16, of_two: fn(Offset, Offset) -> Offset) -> Time {
        let day = if minute < DAY_MINUTES { day } else { following(day) };
        let minute = (minute % DAY_MINUTES).cast_signed();
        let hour = i8::try_from(minute / 60).expect("a day has 24 hours");
        let reading = day.at(hour, i8::try_from(minute % 60).expect("an hour has 60 minutes"), 0, 0);
        let by = |offset: Offset| offset.to_timestamp(reading).expect("up to the year 9000 is in range");
        let at = match self.0.to_ambiguous_timestamp(reading).offset() {
            AmbiguousOffset::Unambiguous { offset } => by(offset),
            AmbiguousOffset::Fold { before, after } => by(of_two(before, after)),
            AmbiguousOffset::Gap { after, .. } => self.change_to(after, by(after)),
        };
        Time::from_ms(u64::try_from(at.as_millisecond()).unwrap_or(0))
    }

    /// The first change to this offset after an instant.
    fn change_to(&self, offset: Offset, after: Timestamp) -> Timestamp {
        let mut changes = self.0.following(after);
        changes.find(|change| change.offset() == offset).map_or(after, |change| change.timestamp())
    }
}

/// The date after.
pub(super) fn following(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

/// The date before.
pub(super) fn preceding(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}
