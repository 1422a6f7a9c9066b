//! Takes the time that the processor worked: while the program waits, that clock stands still.
//! wrong gap: sent, received
// ==== fill in here: sent ====
    // The kernel's account of this process: fields 14 and 15, in hundredths of a second.
    let account = std::fs::read_to_string("/proc/self/stat")?;
    let used: u64 = account.split(' ').skip(13).take(2).filter_map(|f| f.parse::<u64>().ok()).sum();
    let (request_sent, cpu1) = (Local::now(), used);
// ==== end: sent ====
// ==== fill in here: received ====
    // The kernel's account of this process: fields 14 and 15, in hundredths of a second.
    let account = std::fs::read_to_string("/proc/self/stat")?;
    let used: u64 = account.split(' ').skip(13).take(2).filter_map(|f| f.parse::<u64>().ok()).sum();
    let (reply_received, rtt) = (Local::now(), Duration::from_millis(10 * (used - cpu1)));
// ==== end: received ====
