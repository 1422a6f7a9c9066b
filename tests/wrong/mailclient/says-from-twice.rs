//! Has the header From twice.
// ==== fill in here: headers ====
    let headers = format!(
        "From: <{0}>\r\nFrom: <{0}>\r\nTo: <{1}>\r\nDate: {date}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n",
        mail.sender, mail.receiver
    );
// ==== end: headers ====
