# Right: asyncio, a page for what is not there, in another language.
import asyncio, sys

async def client(reader, writer):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()[1:] or "index.html"
        try:
            with open(path, "rb") as f:
                body, status = f.read(), "200 OK"
        except OSError:
            body, status = "<p>Diese Seite gibt es nicht.</p>".encode(), "404 Not Found"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, IndexError):
        pass
    writer.close()

async def main():
    server = await asyncio.start_server(client, "0.0.0.0", int(sys.argv[1]))
    async with server:
        await server.serve_forever()

asyncio.run(main())
