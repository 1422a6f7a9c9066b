# Right, with the module socketserver, a thread for each.
import socketserver, sys


class Shout(socketserver.BaseRequestHandler):
    def handle(self):
        data, server = self.request
        server.sendto(data.upper(), self.client_address)


with socketserver.ThreadingUDPServer(("0.0.0.0", int(sys.argv[1])), Shout) as server:
    server.serve_forever()
