# webserver.py -- the Python twin of webserver: the files of the working directory, a request at a time.
# usage: webserver.py [ADDRESS [PORT]]
import sys
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

serverName = sys.argv[1] if len(sys.argv) > 1 else ""
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 6789

serverSocket = socket(AF_INET, SOCK_STREAM)
serverSocket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # std does this by itself
serverSocket.bind((serverName, serverPort))
serverSocket.listen(1)
while True:
    print("Ready to serve...", flush=True)
    connectionSocket, addr = serverSocket.accept()
    try:
        message = connectionSocket.recv(1024)
        filename = message.split()[1].decode()
        f = open(filename[1:], "rb")
        outputdata = f.read()
        connectionSocket.send(b"HTTP/1.1 200 OK\r\n\r\n")
        connectionSocket.sendall(outputdata)  # the original sends one character at a time, and a CR LF
    except IOError:
        print("404 Not Found", flush=True)
        connectionSocket.send(b"HTTP/1.1 404 Not Found\r\n\r\n")
        connectionSocket.send(b"<html><body><h1>404 Not Found</h1></body></html>\r\n")
    except IndexError:  # the original ends here: a browser's second connection sends nothing
        pass
    connectionSocket.close()
