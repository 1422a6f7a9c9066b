// Right: readline/promises asks for everything.
const net = require('net'), readline = require('readline/promises');
(async () => {
  const rl = readline.createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  const lines = rl[Symbol.asyncIterator]();
  const ask = async (words) => { process.stdout.write(words); return (await lines.next()).value; };
  const host = await ask('Server host: ');
  const port = Number(await ask('Server port: '));
  const sentence = await ask('Sentence: ');
  const socket = net.connect(port, host, () => socket.write(sentence));
  socket.on('data', (d) => { console.log('Server says: ' + d); socket.end(); rl.close(); process.stdin.destroy(); });
  socket.on('error', (e) => { console.error(e.message); process.exit(1); });
})();
