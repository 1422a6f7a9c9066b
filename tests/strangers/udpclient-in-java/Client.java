// Right, in Java.
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;

public class Client {
    public static void main(String[] args) throws Exception {
        System.out.print("> ");
        byte[] line = new Scanner(System.in, StandardCharsets.UTF_8).nextLine().getBytes(StandardCharsets.UTF_8);
        DatagramSocket socket = new DatagramSocket();
        InetAddress server = InetAddress.getByName(args[0]);
        socket.send(new DatagramPacket(line, line.length, server, Integer.parseInt(args[1])));
        DatagramPacket reply = new DatagramPacket(new byte[4096], 4096);
        socket.receive(reply);
        System.out.println("FROM SERVER:" + new String(reply.getData(), 0, reply.getLength(), StandardCharsets.UTF_8));
        socket.close();
    }
}
