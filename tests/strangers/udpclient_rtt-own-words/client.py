# Right, in its own words: milliseconds, and times of day without a date.
import socket, sys, time
from datetime import datetime

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
name = input("Tu nombre: ")
sent, start = datetime.now(), time.perf_counter()
client.sendto(name.encode(), (sys.argv[1], int(sys.argv[2])))
reply, _ = client.recvfrom(2048)
rtt, received = time.perf_counter() - start, datetime.now()
print("Enviado a las", sent.time())
print("Respuesta:", reply.decode(), "a las", received.time())
print(f"Tiempo de ida y vuelta: {rtt * 1000:.2f} ms")
