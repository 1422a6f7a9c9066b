// Right, in Java.
import java.net.*;
import java.util.Random;

public class Server {
    public static void main(String[] args) throws Exception {
        DatagramSocket server = new DatagramSocket(Integer.parseInt(args[0]));
        Random random = new Random();
        while (true) {
            DatagramPacket packet = new DatagramPacket(new byte[1024], 1024);
            server.receive(packet);
            if (random.nextInt(11) < 4) continue;
            byte[] data = packet.getData();
            for (int i = 0; i < packet.getLength(); i++)
                if (data[i] >= 'a' && data[i] <= 'z') data[i] -= 32;
            server.send(packet);
        }
    }
}
