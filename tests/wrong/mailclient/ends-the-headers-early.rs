//! Puts an empty line behind the headers, and more headers come.
// ==== fill in here: headers ====
    let headers = format!(
        "From: <{}>\r\nTo: <{}>\r\nDate: {date}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n\r\n",
        mail.sender, mail.receiver
    );
// ==== end: headers ====
