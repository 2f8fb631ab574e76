//! A moment as people read it.

/// Days of 400 years, after which the calendar repeats.
const DAYS_400_YEARS: i64 = 146_097;

/// ISO 8601 of seconds since 1970, in UTC.
pub fn iso(at_s: u64) -> String {
    let (day, second) = ((at_s / 86_400) as i64, at_s % 86_400);
    // Counted from the first of March of the year 0: the day that comes and goes is then the last of a year.
    let from_march = day + 719_468;
    let (era, of_era) = (from_march.div_euclid(DAYS_400_YEARS), from_march.rem_euclid(DAYS_400_YEARS));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march_month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * from_march_month + 2) / 5 + 1;
    let month = if from_march_month < 10 { from_march_month + 3 } else { from_march_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hours, minutes, seconds) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day_of_month:02}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        let rows = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        rows.iter().for_each(|(at_s, words)| assert_eq!(iso(*at_s), *words));
    }
}
