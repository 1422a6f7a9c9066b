//! Takes the newlines at the end of a file for nothing.
// ==== fill in here: outputdata ====
            f.read_to_end(&mut outputdata)?;
            outputdata.truncate(outputdata.trim_ascii_end().len());
// ==== end: outputdata ====
