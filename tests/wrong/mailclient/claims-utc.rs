//! Writes the local time as if it were UTC.
// ==== fill in here: headers ====
    let _ = &date;
    let headers = format!(
        "From: <{}>\r\nTo: <{}>\r\nDate: {}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n",
        mail.sender,
        mail.receiver,
        Local::now().format("%a, %d %b %Y %H:%M:%S +0000")
    );
// ==== end: headers ====
