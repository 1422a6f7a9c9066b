// Right, in JavaScript.
const server = require("net").connect(Number(process.argv[3]), process.argv[2]);
const input = require("readline").createInterface({ input: process.stdin, output: process.stdout });
server.on("connect", () => input.question("Sentence: ", line => { server.write(line); input.close(); }));
server.on("data", data => { console.log("Answer:", data.toString()); server.end(); });
server.on("error", error => { console.error(error.message); process.exit(1); });
