# Right: asyncio, its own words on the screen.
import asyncio, json, sys
users = {}                                  # writer -> (name, ip)

def everybody(data, but=None):
    for w in list(users):
        if w is not but: w.write(data)

def roster():
    everybody(b"!" + json.dumps(dict(users.values())).encode())

async def client(reader, writer):
    name = (await reader.read(1024)).decode(errors="replace").strip()
    if name:
        users[writer] = name, writer.get_extra_info("peername")[0]
        print(name, "is here now")
        roster()
        try:
            while data := await reader.read(1024):
                everybody(f"{name}: {data.decode(errors='replace')} ".encode(), writer)
        except ConnectionError:
            print("lost", name)
        del users[writer]
        roster()
    writer.close()

async def main():
    server = await asyncio.start_server(client, "0.0.0.0", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
