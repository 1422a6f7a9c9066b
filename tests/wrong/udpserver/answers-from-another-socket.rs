//! Opens a second socket for the answer, which then comes from another port.
// ==== fill in here: reply ====
    let client_socket = UdpSocket::bind("0.0.0.0:0")?;
    client_socket.send_to(&modified_message, client_address)?;
// ==== end: reply ====
