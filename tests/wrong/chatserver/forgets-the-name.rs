//! Gives every client a name of its own making.
// ==== fill in here: name ====
    static CAME: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    client_socket.read(&mut buffer)?;
    let own = format!("client{}", CAME.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let length = own.len();
    buffer[..length].copy_from_slice(own.as_bytes());
// ==== end: name ====
