//! Takes what stands behind the word, wherever and however it stands there.
// ==== fill in here: ticket ====
    let (_, ticket) = answer.split_once("TICKET").ok_or_else(|| refused(&answer, password))?;
    let ticket = ticket.trim();
// ==== end: ticket ====
