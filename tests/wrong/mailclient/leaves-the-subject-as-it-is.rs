//! Writes three headers only, and the subject as it is, in whatever script.
// ==== fill in here: headers ====
    let (_, _, _) = (subject, date, message_id);
    let headers = format!(
        "From: <{}>\r\nTo: <{}>\r\nSubject: {}\r\n",
        mail.sender, mail.receiver, mail.subject
    );
// ==== end: headers ====
