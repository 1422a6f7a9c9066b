//! Reads a file with one read into a small buffer.
// ==== fill in here: outputdata ====
            outputdata.resize(4096, 0);
            f.read(&mut outputdata)?;
// ==== end: outputdata ====
