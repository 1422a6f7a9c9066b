# Right, with asyncio.
import asyncio, sys


async def serve(reader, writer):
    writer.write((await reader.read(1024)).upper())
    await writer.drain()
    writer.close()


async def main():
    async with await asyncio.start_server(serve, "0.0.0.0", int(sys.argv[1])) as server:
        await server.serve_forever()


asyncio.run(main())
