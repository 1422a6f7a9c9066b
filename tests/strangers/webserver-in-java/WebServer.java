// Right: the classic of Java courses, a thread for each request, HTTP/1.0, reads lines.
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;

public final class WebServer {
    public static void main(String[] argv) throws Exception {
        ServerSocket listen = new ServerSocket(Integer.parseInt(argv[0]));
        while (true) {
            Socket connection = listen.accept();
            new Thread(() -> process(connection)).start();
        }
    }

    static void process(Socket socket) {
        try (socket) {
            BufferedReader br = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            DataOutputStream os = new DataOutputStream(socket.getOutputStream());
            String requestLine = br.readLine();
            if (requestLine == null) return;
            String header;
            while ((header = br.readLine()) != null && !header.isEmpty()) System.out.println(header);
            File file = new File("." + requestLine.split(" ")[1]);
            if (file.isFile()) {
                os.writeBytes("HTTP/1.0 200 OK\r\n");
                os.writeBytes("Content-type: application/octet-stream\r\n\r\n");
                try (FileInputStream in = new FileInputStream(file)) { in.transferTo(os); }
            } else {
                os.writeBytes("HTTP/1.0 404 Not Found\r\nContent-type: text/html\r\n\r\n");
                os.write("<HTML><HEAD><TITLE>Not Found</TITLE></HEAD><BODY>Not Found</BODY></HTML>".getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException | RuntimeException e) {
            System.err.println(e);
        }
    }
}
