// Right, in Java.
import java.io.IOException;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

public class TimeServer {
    static final DateTimeFormatter FORM =
        DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US);

    public static void main(String[] args) throws Exception {
        ServerSocket server = new ServerSocket(Integer.parseInt(args[0]));
        boolean stop = false;
        while (!stop) {
            try (Socket client = server.accept()) {
                client.setSoTimeout(15000);
                say(client, "You are connected from " + client.getInetAddress().getHostAddress() + ":" + client.getPort());
                byte[] data = new byte[1024];
                int length;
                while (!stop && (length = client.getInputStream().read(data)) > 0) {
                    String word = new String(data, 0, length, StandardCharsets.UTF_8).strip();
                    if (word.equals("EXIT")) stop = true;
                    else if (word.equals("TIME")) say(client, LocalDateTime.now().format(FORM));
                    else say(client, "Invalid command!");
                }
            } catch (IOException gone) {
            }
        }
        server.close();
    }

    static void say(Socket client, String line) throws IOException {
        client.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
