// Right, in Java: whole milliseconds.
import java.net.*;

public class PingClient {
    public static void main(String[] args) throws Exception {
        DatagramSocket socket = new DatagramSocket();
        socket.setSoTimeout(1000);
        InetAddress server = InetAddress.getByName(args[0]);
        for (int i = 1; i <= 10; i++) {
            long start = System.currentTimeMillis();
            byte[] ping = ("Ping " + i + " " + start).getBytes();
            socket.send(new DatagramPacket(ping, ping.length, server, Integer.parseInt(args[1])));
            DatagramPacket reply = new DatagramPacket(new byte[1024], 1024);
            try {
                socket.receive(reply);
                long rtt = System.currentTimeMillis() - start;
                System.out.println("Received " + new String(reply.getData(), 0, reply.getLength()) + " RTT: " + rtt + " ms");
            } catch (SocketTimeoutException timeout) {
                System.out.println("Request timed out");
            }
        }
        socket.close();
    }
}
