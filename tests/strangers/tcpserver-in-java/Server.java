// Right, in Java: bytes, and a thread for each client.
import java.net.*;

public class Server {
    public static void main(String[] args) throws Exception {
        ServerSocket server = new ServerSocket(Integer.parseInt(args[0]));
        while (true) {
            Socket client = server.accept();
            new Thread(() -> {
                try (Socket socket = client) {
                    byte[] data = new byte[1024];
                    int length = socket.getInputStream().read(data);
                    for (int i = 0; i < length; i++)
                        if (data[i] >= 'a' && data[i] <= 'z') data[i] -= 32;
                    if (length > 0) socket.getOutputStream().write(data, 0, length);
                } catch (java.io.IOException gone) {
                }
            }).start();
        }
    }
}
