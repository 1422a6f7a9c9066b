# Right: a thread for each client, which reports on stderr.
import socket, sys, threading

server = socket.create_server(("", int(sys.argv[1])))


def serve(client, address):
    with client:
        sentence = client.recv(1024)
        print(address, sentence, file=sys.stderr)
        client.sendall(sentence.upper())


while True:
    threading.Thread(target=serve, args=server.accept(), daemon=True).start()
