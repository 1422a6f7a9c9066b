// Right: node's net.
const net = require("net");
const users = new Map();
const everybody = (data, but) => { for (const s of users.keys()) if (s !== but) s.write(data); };
const roster = () => everybody("!" + JSON.stringify(Object.fromEntries([...users.values()].map(u => [u.name, u.ip]))));
net.createServer(socket => {
  socket.on("data", data => {
    if (!users.has(socket)) {
      users.set(socket, { name: data.toString().trim(), ip: socket.remoteAddress });
      return roster();
    }
    everybody(users.get(socket).name + ": " + data + " ", socket);
  });
  socket.on("error", () => {});
  socket.on("close", () => { if (users.delete(socket)) roster(); });
}).listen(Number(process.argv[2]), "0.0.0.0", () => console.log("up"));
