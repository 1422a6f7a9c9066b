//! Has the receiver write to the sender.
// ==== fill in here: headers ====
    let headers = format!(
        "From: <{}>\r\nTo: <{}>\r\nDate: {date}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n",
        mail.receiver, mail.sender
    );
// ==== end: headers ====
