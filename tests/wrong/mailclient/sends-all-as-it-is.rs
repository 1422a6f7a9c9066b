//! Sends the message as it stands, where a line with a dot alone ends it, and a file in one long line.
//! wrong gap: message, attachment
// ==== fill in here: message ====
    send(wrap_socket, &message)?;
// ==== end: message ====
// ==== fill in here: attachment ====
    let content = [
        &format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n"),
        &format!("--{boundary}"),
        text,
        &format!("--{boundary}\r\nContent-Type: {kind}"),
        &format!("Content-Disposition: attachment; filename=\"{name}\""),
        &format!("Content-Transfer-Encoding: base64\r\n\r\n{}", base64.replace("\r\n", "")),
        &format!("--{boundary}--"),
    ]
    .join("\r\n");
// ==== end: attachment ====
