from socket import create_connection

with create_connection(('10.1.2.3', 12000)) as client:
    client.sendall(input('Input lowercase sentence:').encode())
    print('From Server:', client.recv(1024).decode())
