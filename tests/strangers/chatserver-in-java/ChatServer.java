// Right: a thread for each client, everything under one monitor, JSON by hand.
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

public class ChatServer {
    static final Map<Socket, String> names = new LinkedHashMap<>();

    static synchronized void send(String text, Socket but) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (Socket s : names.keySet()) {
            if (s == but) continue;
            try { s.getOutputStream().write(bytes); } catch (IOException gone) { /* its own thread sees that */ }
        }
    }

    static synchronized void roster() {
        StringJoiner all = new StringJoiner(", ", "!{", "}");
        names.forEach((s, name) -> all.add("\"" + name + "\": \"" + s.getInetAddress().getHostAddress() + "\""));
        send(all.toString(), null);
    }

    static void serve(Socket socket) {
        byte[] buffer = new byte[1024];
        try (socket) {
            InputStream in = socket.getInputStream();
            int n = in.read(buffer);
            if (n <= 0) return;
            String name = new String(buffer, 0, n, StandardCharsets.UTF_8).trim();
            synchronized (ChatServer.class) { names.put(socket, name); roster(); }
            try {
                while ((n = in.read(buffer)) > 0) {
                    send(name + ": " + new String(buffer, 0, n, StandardCharsets.UTF_8) + " ", socket);
                }
            } catch (IOException reset) {
                System.err.println(name + " is gone: " + reset.getMessage());
            }
            synchronized (ChatServer.class) { names.remove(socket); roster(); }
        } catch (IOException error) {
            System.err.println(error.getMessage());
        }
    }

    public static void main(String[] args) throws IOException {
        try (ServerSocket door = new ServerSocket(Integer.parseInt(args[0]), 128)) {
            while (true) {
                Socket socket = door.accept();
                new Thread(() -> serve(socket)).start();
            }
        }
    }
}
