// Right: node's http, which answers in chunks and keeps connections unless told to close them.
const http = require("http"), fs = require("fs");
http.createServer((request, response) => {
  fs.readFile("." + decodeURIComponent(request.url.split("?")[0]), (error, data) => {
    response.setHeader("Connection", "close");
    if (error) {
      response.writeHead(404, { "Content-Type": "text/plain" });
      response.write("no such ");
      response.end("file");
    } else {
      response.writeHead(200);
      response.write(data);
      response.end();
    }
  });
}).listen(Number(process.argv[2]), "0.0.0.0");
