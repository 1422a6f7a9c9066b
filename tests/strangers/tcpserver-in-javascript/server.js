// Right, in JavaScript.
require("net").createServer(client => {
    client.on("error", () => {});
    client.once("data", data =>
        client.end(Buffer.from(data.map(byte => (byte >= 97 && byte <= 122 ? byte - 32 : byte)))));
}).listen(Number(process.argv[2]), "0.0.0.0");
