//! Reads the file as text, which a picture is not.
// ==== fill in here: outputdata ====
            let mut text = String::new();
            f.read_to_string(&mut text)?;
            outputdata.extend_from_slice(text.as_bytes());
// ==== end: outputdata ====
