//! The time zone in which programs are checked. It is not this host's, so that who prints UTC, or
//! asks somebody else for the time of day, is found out everywhere.

use std::path::Path;
use std::sync::OnceLock;

use chrono::{DateTime, FixedOffset, Local, Utc};

/// A zone without daylight saving time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// As the variable TZ has it.
    pub name: &'static str,
    /// Seconds east of UTC.
    pub offset: i32,
}

/// By its name, which Java, Go and Node.js know, and as POSIX writes it, for a system without
/// time zones.
const ZONES: [(&str, Zone); 2] = [
    ("Asia/Kathmandu", Zone { name: "<+0545>-5:45", offset: 5 * 3600 + 45 * 60 }),
    ("Australia/Eucla", Zone { name: "<+0845>-8:45", offset: 8 * 3600 + 45 * 60 }),
];

/// The zone of all programs under check of this process.
pub fn of_checks() -> Zone {
    static CHOSEN: OnceLock<Zone> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let here = Local::now().offset().local_minus_utc();
        let (name, posix) = if ZONES[0].1.offset == here { ZONES[1] } else { ZONES[0] };
        let is_known = Path::new("/usr/share/zoneinfo").join(name).is_file();
        if is_known { Zone { name, ..posix } } else { posix }
    })
}

impl Zone {
    /// What clocks show there.
    pub fn now(self) -> DateTime<FixedOffset> {
        let offset = FixedOffset::east_opt(self.offset).expect("it is less than a day");
        Utc::now().with_timezone(&offset)
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
    fn a_program_takes_it_for_its_own() {
        let mut date = std::process::Command::new("date");
        let said = date.arg("+%:z").env("TZ", of_checks().name).output().unwrap().stdout;
        let there = of_checks().now().format("%:z").to_string();
        assert_eq!(String::from_utf8_lossy(&said).trim(), there);
    }
}
