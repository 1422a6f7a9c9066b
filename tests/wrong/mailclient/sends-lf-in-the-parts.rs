//! Ends the lines of the parts' headers in LF alone.
// ==== fill in here: attachment ====
    let content = format!(
        "Content-Type: multipart/mixed; boundary=\"{boundary}\"\n\n\
         --{boundary}\n{text}\n\
         --{boundary}\nContent-Type: {kind}\n\
         Content-Disposition: attachment; filename=\"{name}\"\n\
         Content-Transfer-Encoding: base64\n\n{base64}\n\
         --{boundary}--"
    );
// ==== end: attachment ====
