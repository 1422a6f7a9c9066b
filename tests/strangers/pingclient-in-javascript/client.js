// Right, in JavaScript.
const socket = require("dgram").createSocket("udp4");
let number = 0, start, timer;
function ping() {
    if (++number > 10) return socket.close();
    start = process.hrtime.bigint();
    socket.send(`Ping ${number} ${new Date().toISOString()}`, Number(process.argv[3]), process.argv[2]);
    timer = setTimeout(() => { console.log(`Ping ${number}: timeout`); ping(); }, 1000);
}
socket.on("message", message => {
    clearTimeout(timer);
    const took = Number(process.hrtime.bigint() - start) / 1e6;
    console.log(message.toString() + " took " + took + " milliseconds");
    ping();
});
ping();
