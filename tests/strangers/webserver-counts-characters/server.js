// Wrong: files are read as text, so pictures arrive broken.
const net = require('net'), fs = require('fs');
const port = Number(process.argv[2] || 6789);
net.createServer((socket) => {
  let text = '';
  socket.on('data', (piece) => {
    text += piece;
    if (!text.includes('\r\n\r\n')) return;
    const name = text.split(' ')[1] || '/';
    fs.readFile('.' + decodeURI(name), 'utf8', (error, body) => {
      if (error) socket.end('HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<h1>404 Not Found</h1>');
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: ' + body.length + '\r\n\r\n' + body);
    });
  });
  socket.on('error', () => {});
}).listen(port, '0.0.0.0', () => console.log('up'));
