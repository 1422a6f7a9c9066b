// Right: node's tls, one promise for each reply.
const net = require("net"), tls = require("tls"), fs = require("fs");
const { MAIL_USER, MAIL_PASSWORD, MAIL_FROM, MAIL_TO, MAIL_SUBJECT, MAIL_BODY, MAIL_CA } = process.env;
const [host, port] = [process.argv[2], Number(process.argv[3])];
const b64 = text => Buffer.from(text).toString("base64");
let socket, heard = "", waiting = null, over = null;
const look = () => {
  const end = /^(\d{3})(?:[ \t].*)?\r?\n/m.exec(heard);
  if (!waiting) return;
  const { resolve, reject } = waiting;
  if (end) { heard = heard.slice(end.index + end[0].length); waiting = null; resolve(end[1]); }
  else if (over) { waiting = null; reject(over); }
};
const listen = () => {
  socket.on("data", data => { heard += data; look(); });
  socket.on("error", error => { over = error; look(); });
  socket.on("close", () => { over = over || new Error("connection lost"); look(); });
};
const say = async (text, ...codes) => {
  if (text !== null) socket.write(text + "\r\n");
  const code = await new Promise((resolve, reject) => { waiting = { resolve, reject }; look(); });
  if (!codes.includes(code)) { if (text !== "QUIT") socket.write("QUIT\r\n"); throw new Error("got " + code); }
};
const go = async () => {
  for (const text of [MAIL_FROM, MAIL_TO, MAIL_SUBJECT]) if (/[\r\n]/.test(text)) throw new Error("line break");
  socket = net.connect(port, host);
  listen();
  await say(null, "220");
  await say("EHLO [127.0.0.1]", "250");
  await say("STARTTLS", "220");
  if (heard) throw new Error("unexpected words before TLS");
  socket.removeAllListeners("data");
  const clear = socket;
  socket = tls.connect({ socket: clear, ca: fs.readFileSync(MAIL_CA), host, checkServerIdentity: (_, cert) => tls.checkServerIdentity(host, cert) });
  await new Promise((resolve, reject) => { socket.once("secureConnect", resolve); socket.once("error", reject); clear.once("close", () => reject(new Error("closed"))); });
  listen();
  await say("EHLO [127.0.0.1]", "250");
  await say("AUTH LOGIN", "334");
  await say(b64(MAIL_USER), "334");
  await say(b64(MAIL_PASSWORD), "235");
  await say(`MAIL FROM:<${MAIL_FROM}>`, "250");
  await say(`RCPT TO:<${MAIL_TO}>`, "250", "251");
  await say("DATA", "354");
  const words = [...MAIL_SUBJECT].reduce((all, c) => {
    if (Buffer.byteLength(all[all.length - 1] + c) > 40) all.push("");
    all[all.length - 1] += c;
    return all;
  }, [""]).map(word => `=?utf-8?B?${b64(word)}?=`).join("\r\n ");
  const subject = /^[ -~]*$/.test(MAIL_SUBJECT) ? MAIL_SUBJECT : words;
  const body = b64(MAIL_BODY).replace(/.{76}/g, "$&\r\n");
  await say(`From: <${MAIL_FROM}>\r\nTo: <${MAIL_TO}>\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString().replace("GMT", "+0000")}\r\nMessage-ID: <${Date.now()}.${process.pid}@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n.`, "250");
  await say("QUIT", "221").catch(() => console.log("no farewell"));
};
go().then(() => { socket.destroy(); process.exit(0); }, error => { console.error("failed: " + error.message); setTimeout(() => process.exit(1), 50); });
