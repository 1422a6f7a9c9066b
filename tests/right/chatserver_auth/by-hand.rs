//! Each step for itself, with a salt of its own making and threads without a builder.
// ==== fill in here: hash ====
    let mut salt = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut salt)?;
    let made = argon2.hash_password_with_salt(password.as_bytes(), &salt);
    let hash = match made {
        Ok(hash) => hash.to_string(),
        Err(error) => return Err(io::Error::other(error)),
    };
// ==== end: hash ====
// ==== fill in here: login-thread ====
        drop(thread);
        thread::spawn(login);
// ==== end: login-thread ====
// ==== fill in here: tls ====
    let mut wrap_socket = match acceptor.accept(client_socket) {
        Ok(wrap_socket) => wrap_socket,
        Err(error) => return Err(no_tls(error)),
    };
// ==== end: tls ====
// ==== fill in here: slow ====
            let turn = Instant::now() + wait;
            while Instant::now() < turn {
                thread::sleep(Duration::from_millis(50));
            }
// ==== end: slow ====
// ==== fill in here: password ====
    let (stored, known) = match users.get(name) {
        Some(stored) => (stored, true),
        None => (nobody, false),
    };
    let fits = argon2.verify_password(password.as_bytes(), stored.as_str()).is_ok();
    let right = fits && known;
// ==== end: password ====
// ==== fill in here: issue-ticket ====
    let mut tickets = TICKETS.lock().unwrap();
    let until = Instant::now() + TICKET_TIME;
    tickets.insert(ticket.clone(), Ticket { name: name.to_owned(), ip_address, until });
    drop(tickets);
// ==== end: issue-ticket ====
// ==== fill in here: redeem-ticket ====
    let mut good = false;
    if let Some(good_for) = TICKETS.lock().unwrap().remove(ticket) {
        let Ticket { name: its_name, ip_address: its_address, until } = good_for;
        good = its_name == name && its_address == ip_address && until > Instant::now();
    }
// ==== end: redeem-ticket ====
