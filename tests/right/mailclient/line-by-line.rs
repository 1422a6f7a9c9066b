//! Sends the message a line at a time, and finds the last line of a reply by what is no hyphen.
// ==== fill in here: message ====
    let lines: Vec<&str> = message.split("\r\n").collect();
    for (number, line) in lines.iter().enumerate() {
        let dot = if line.starts_with('.') { "." } else { "" };
        let end = if number + 1 < lines.len() { "\r\n" } else { "" };
        send(wrap_socket, &format!("{dot}{line}{end}"))?;
    }
// ==== end: message ====
// ==== fill in here: last ====
        let last = line.chars().nth(3) != Some('-');
// ==== end: last ====
