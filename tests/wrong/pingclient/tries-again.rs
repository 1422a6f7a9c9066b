//! Sends a lost ping once more before it goes on.
// ==== fill in here: lost ====
                println!("Request timed out for sequence number: {sequence}");
                let _ = ping(&client_socket, server_address, sequence);
// ==== end: lost ====
