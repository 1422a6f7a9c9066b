//! Headers in another order, with display names, and folded.
// ==== fill in here: headers ====
    let headers = [
        format!("Message-ID: <{message_id}>"),
        format!("Subject: {subject}"),
        format!("To: Bob\r\n <{}>", mail.receiver),
        format!("From: \"Alice A.\" <{}>", mail.sender),
        format!("Date: {date}\r\n"),
    ]
    .join("\r\n");
// ==== end: headers ====
