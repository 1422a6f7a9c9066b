// Right, in JavaScript.
const client = require("dgram").createSocket("udp4");
const input = require("readline").createInterface({ input: process.stdin, output: process.stderr });
input.question("sentence? ", line => {
    client.send(line, Number(process.argv[3]), process.argv[2]);
    input.close();
});
client.on("message", reply => {
    console.log(reply.toString());
    client.close();
});
