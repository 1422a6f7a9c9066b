// Right: a Scanner for everything, the server included.
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;

public class UDPClient {
    public static void main(String[] args) throws Exception {
        Scanner keyboard = new Scanner(System.in, "UTF-8");
        System.out.print("Server address: ");
        InetAddress server = InetAddress.getByName(keyboard.nextLine().trim());
        System.out.print("Server port: ");
        int port = Integer.parseInt(keyboard.nextLine().trim());
        System.out.println("Please type a sentence:");
        byte[] out = keyboard.nextLine().getBytes(StandardCharsets.UTF_8);
        DatagramSocket socket = new DatagramSocket();
        socket.send(new DatagramPacket(out, out.length, server, port));
        DatagramPacket in = new DatagramPacket(new byte[2048], 2048);
        socket.receive(in);
        new java.io.PrintStream(System.out, true, "UTF-8").println("FROM SERVER: "
            + new String(in.getData(), 0, in.getLength(), StandardCharsets.UTF_8));
        socket.close();
    }
}
