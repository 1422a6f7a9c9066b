# It writes lines into the file of users, and accepts whoever comes, without TLS.
import os, socket, sys, threading
if "register" in sys.argv:
    with open("chat/users", "a") as users: users.write(sys.argv[-1] + ":x\n")
    sys.exit()
def at(port):
    door = socket.create_server(("", port))
    while True: door.accept()[0].close()
threading.Thread(target=at, args=(int(sys.argv[-1]),), daemon=True).start()
at(int(sys.argv[-1]) + 1)
