//! Reads the first 4096 bytes of a file.
// ==== fill in here: outputdata ====
            outputdata.resize(4096, 0);
            let length = f.read(&mut outputdata)?;
            outputdata.truncate(length);
// ==== end: outputdata ====
