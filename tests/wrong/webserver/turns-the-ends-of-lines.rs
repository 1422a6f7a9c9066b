//! Reads a file line by line, and ends each of them in LF, whatever it ended in.
// ==== fill in here: outputdata ====
            f.read_to_end(&mut outputdata)?;
            if let Ok(text) = str::from_utf8(&outputdata) {
                outputdata = text.replace("\r\n", "\n").into_bytes();
            }
// ==== end: outputdata ====
