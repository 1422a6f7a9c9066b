// Its packet is made once: it gets no longer than the shortest datagram that has come.
import java.net.*;

public class Server {
    public static void main(String[] args) throws Exception {
        DatagramSocket server = new DatagramSocket(Integer.parseInt(args[0]));
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        while (true) {
            server.receive(packet);
            byte[] data = packet.getData();
            for (int i = 0; i < packet.getLength(); i++)
                if (data[i] >= 'a' && data[i] <= 'z') data[i] -= 32;
            server.send(packet);
            packet = new DatagramPacket(data, packet.getLength());
        }
    }
}
