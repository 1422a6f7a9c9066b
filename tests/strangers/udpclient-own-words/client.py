# Right, in its own words and another language.
import socket, sys

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
frase = input("Escriba una frase en minusculas: ")
client.sendto(frase.encode(), (sys.argv[1], int(sys.argv[2])))
respuesta, servidor = client.recvfrom(2048)
print("El servidor", servidor, "responde:", respuesta.decode(errors="replace"))
client.close()
