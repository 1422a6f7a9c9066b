// Right, in JavaScript.
const server = require("dgram").createSocket("udp4");
server.on("message", (message, client) => {
    const answer = Buffer.from(message.map(byte => (byte >= 97 && byte <= 122 ? byte - 32 : byte)));
    server.send(answer, client.port, client.address);
});
server.bind(Number(process.argv[2]), "0.0.0.0");
