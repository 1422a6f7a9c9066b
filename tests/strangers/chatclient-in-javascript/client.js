// Right: net, dgram and readline.
const net = require("net"), dgram = require("dgram"), readline = require("readline");
const [server, own, port] = [process.argv[2], process.argv[3], Number(process.argv[4])];
let users = {}, name;
const udp = dgram.createSocket("udp4");
udp.on("message", (text, from) => {
  const who = Object.keys(users).find(n => users[n] === from.address);
  console.log(`${who || "anonymous"} says to you:${text}`);
});
udp.bind(port, own, () => {
  const tcp = net.connect(port, server);
  const keys = readline.createInterface({ input: process.stdin });
  const waiting = [];
  tcp.on("error", () => { console.log("sorry, no server"); process.exit(1); });
  tcp.on("end", () => { console.log("the server left"); process.exit(0); });
  tcp.on("data", data => {
    for (const m of data.toString().split("\n")) {
      if (m[0] === "!") users = JSON.parse(m.slice(1));
      else if (m) console.log("all: " + m);
    }
  });
  tcp.on("connect", () => console.log("name, please"));
  keys.on("close", () => process.exit(0));
  keys.on("line", line => {
    const to = /^@([^:]*):(.*)$/.exec(line);
    if (name === undefined) { name = line; tcp.write(name); }
    else if (line === "#ls") console.log(users);
    else if (to && users[to[1]]) udp.send(to[2], port, users[to[1]]);
    else if (to) console.log("nobody is called " + to[1]);
    else if (line) tcp.write(line);
  });
});
