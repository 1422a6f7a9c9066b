# A port of its own, and no SO_REUSEADDR: what is left of a connection keeps the port for a minute.
from socket import socket, AF_INET, SOCK_STREAM

PORT = 13001
welcome = socket(AF_INET, SOCK_STREAM)
welcome.bind(('', PORT))
welcome.listen(1)
print('Server ready at', PORT)
while True:
    connection, peer = welcome.accept()
    try:
        text = connection.recv(2048)
        print(peer, 'sent', text)
        if text:
            connection.send(text.upper())
    except OSError as error:
        print(error)
    connection.close()
