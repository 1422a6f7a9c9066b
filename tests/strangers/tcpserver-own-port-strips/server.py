# White space at both ends is lost; and a port of its own, without SO_REUSEADDR.
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
            connection.send(text.strip(b" \t").upper())
    except OSError as error:
        print(error)
    connection.close()
