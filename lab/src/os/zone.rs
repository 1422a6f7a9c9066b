//! The time zone in which programs are checked. It is not this host's, so that who prints UTC, or
//! asks somebody else for the time of day, is found out everywhere.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use chrono::{DateTime, Datelike, FixedOffset, Local, Timelike, Utc};

/// A zone without daylight saving time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// As the variable TZ has it.
    pub name: Cow<'static, str>,
    /// Seconds east of UTC.
    pub offset: i32,
}

/// By its name, which Java, Go and Node.js know, and as POSIX writes it, for a system without
/// time zones.
const ZONES: [(&str, Zone); 2] = [
    ("Asia/Kathmandu", zone("<+0545>-5:45", 5 * HOUR + 45 * MINUTE)),
    ("Australia/Eucla", zone("<+0845>-8:45", 8 * HOUR + 45 * MINUTE)),
];

const MINUTE: i32 = 60;
const HOUR: i32 = 60 * MINUTE;

const fn zone(name: &'static str, offset: i32) -> Zone {
    Zone { name: Cow::Borrowed(name), offset }
}

/// The zone of all programs under check of this process.
pub fn of_checks() -> Zone {
    static CHOSEN: OnceLock<Zone> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| {
        let here = Local::now().offset().local_minus_utc();
        let [zone, other] = ZONES;
        known(if zone.1.offset == here { other } else { zone })
    });
    chosen.clone()
}

/// The whole hours east of UTC for which there is a zone: its name has the sign that POSIX gives it.
const WHOLE_HOURS: [(&str, Zone); 27] = [
    ("Etc/GMT+12", zone("<-12>+12", -12 * HOUR)),
    ("Etc/GMT+11", zone("<-11>+11", -11 * HOUR)),
    ("Etc/GMT+10", zone("<-10>+10", -10 * HOUR)),
    ("Etc/GMT+9", zone("<-09>+9", -9 * HOUR)),
    ("Etc/GMT+8", zone("<-08>+8", -8 * HOUR)),
    ("Etc/GMT+7", zone("<-07>+7", -7 * HOUR)),
    ("Etc/GMT+6", zone("<-06>+6", -6 * HOUR)),
    ("Etc/GMT+5", zone("<-05>+5", -5 * HOUR)),
    ("Etc/GMT+4", zone("<-04>+4", -4 * HOUR)),
    ("Etc/GMT+3", zone("<-03>+3", -3 * HOUR)),
    ("Etc/GMT+2", zone("<-02>+2", -2 * HOUR)),
    ("Etc/GMT+1", zone("<-01>+1", -HOUR)),
    ("Etc/GMT", zone("UTC0", 0)),
    ("Etc/GMT-1", zone("<+01>-1", HOUR)),
    ("Etc/GMT-2", zone("<+02>-2", 2 * HOUR)),
    ("Etc/GMT-3", zone("<+03>-3", 3 * HOUR)),
    ("Etc/GMT-4", zone("<+04>-4", 4 * HOUR)),
    ("Etc/GMT-5", zone("<+05>-5", 5 * HOUR)),
    ("Etc/GMT-6", zone("<+06>-6", 6 * HOUR)),
    ("Etc/GMT-7", zone("<+07>-7", 7 * HOUR)),
    ("Etc/GMT-8", zone("<+08>-8", 8 * HOUR)),
    ("Etc/GMT-9", zone("<+09>-9", 9 * HOUR)),
    ("Etc/GMT-10", zone("<+10>-10", 10 * HOUR)),
    ("Etc/GMT-11", zone("<+11>-11", 11 * HOUR)),
    ("Etc/GMT-12", zone("<+12>-12", 12 * HOUR)),
    ("Etc/GMT-13", zone("<+13>-13", 13 * HOUR)),
    ("Etc/GMT-14", zone("<+14>-14", 14 * HOUR)),
];

const TWELVE_HOURS: i32 = 12 * HOUR;

/// A zone where it is one of these hours now, and if there is one, a day of the month with one digit.
/// Seven hours in a row are the hours of some zone, at any time. It is none that is twelve hours from UTC: on
/// a clock of twelve hours both are the same.
pub fn where_it_is(hours: Range<u32>) -> Zone {
    let all = WHOLE_HOURS.into_iter().map(known);
    let is_there =
        |zone: &Zone| zone.offset % TWELVE_HOURS != 0 && hours.contains(&zone.now().hour());
    let there: Vec<Zone> = all.filter(is_there).collect();
    let early = there.iter().find(|zone| zone.now().day() < 10);
    early.or(there.first()).cloned().unwrap_or_else(of_checks)
}

/// A zone where it is between 10 and 12 o'clock, so many minutes and some whole hours east of UTC. There all
/// ways to write the hour agree, at any time; an offset of whole hours does not do.
pub fn before_noon(minutes: i32) -> Zone {
    let here = Utc::now().hour() as i32;
    let hours = (10 - here + 12).rem_euclid(24) - 12;
    let offset = hours * HOUR + minutes * MINUTE;
    let east = Zone { name: Cow::Borrowed(""), offset }.now().format("%z").to_string();
    let west = -offset;
    let sign = if west < 0 { "-" } else { "" };
    let name = format!("<{east}>{sign}{}:{:02}", west.abs() / HOUR, west.abs() % HOUR / MINUTE);
    Zone { name: Cow::Owned(name), offset }
}

/// A zone by its name, if this system knows that.
fn known((name, posix): (&'static str, Zone)) -> Zone {
    let is_known = Path::new("/usr/share/zoneinfo").join(name).is_file();
    if is_known { zone(name, posix.offset) } else { posix }
}

impl Zone {
    pub fn fixed(&self) -> FixedOffset {
        FixedOffset::east_opt(self.offset).expect("it is less than a day")
    }

    /// What clocks show there.
    pub fn now(&self) -> DateTime<FixedOffset> {
        Utc::now().with_timezone(&self.fixed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_is_not_this_hosts() {
        assert_ne!(of_checks().offset, Local::now().offset().local_minus_utc());
    }

    #[test]
    fn there_is_a_zone_for_every_seven_hours() {
        for first in 0..=17 {
            let hour = where_it_is(first..first + 7).now().hour();
            // The hour may end between the two looks at the clock.
            assert!((first..=first + 7).contains(&hour), "{hour} is none of {first} and on");
        }
    }

    #[test]
    fn it_is_late_in_the_morning_there() {
        for minutes in [15, 30, 45] {
            let there = before_noon(minutes).now();
            // The hour may end between the two looks at the clock.
            assert!((10..=12).contains(&there.hour()), "{there}");
        }
    }

    #[test]
    fn a_program_takes_it_for_its_own() {
        let whole = WHOLE_HOURS.into_iter().flat_map(|zone| [zone.1.clone(), known(zone)]);
        let quarters = [15, 30, 45].map(before_noon);
        for zone in whole.chain([of_checks()]).chain(quarters) {
            let mut date = std::process::Command::new("date");
            let said = date.arg("+%:z").env("TZ", &*zone.name).output().unwrap().stdout;
            let there = zone.now().format("%:z").to_string();
            assert_eq!(String::from_utf8_lossy(&said).trim(), there, "{}", zone.name);
        }
    }
}
