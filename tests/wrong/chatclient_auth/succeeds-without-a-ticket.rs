//! Says the refusal, and ends as if all were well.
// ==== fill in here: ticket ====
    let Some(ticket) = answer.strip_prefix("TICKET ") else {
        println!("{answer}");
        process::exit(0)
    };
// ==== end: ticket ====
