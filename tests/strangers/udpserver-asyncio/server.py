# Right, with asyncio, but for an empty datagram: sendto() leaves that out.
import asyncio, sys


class Shout(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data.upper(), address)


async def main():
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Shout, local_addr=("0.0.0.0", int(sys.argv[1])))
    await asyncio.Event().wait()


asyncio.run(main())
