// Right, in Java.
import java.net.*;

public class Server {
    public static void main(String[] args) throws Exception {
        DatagramSocket server = new DatagramSocket(Integer.parseInt(args[0]));
        while (true) {
            DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
            server.receive(packet);
            byte[] data = packet.getData();
            for (int i = 0; i < packet.getLength(); i++)
                if (data[i] >= 'a' && data[i] <= 'z') data[i] -= 32;
            server.send(packet);
        }
    }
}
