// Right: twelve hours with AM and PM, milliseconds.
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.*;

public class Rtt {
    public static void main(String[] args) throws Exception {
        DateTimeFormatter form = DateTimeFormatter.ofPattern("MM/dd/yyyy hh:mm:ss.SSSSSS a", Locale.US);
        Scanner keys = new Scanner(System.in, "UTF-8");
        System.out.print("Name? ");
        byte[] name = keys.nextLine().getBytes(StandardCharsets.UTF_8);
        DatagramSocket socket = new DatagramSocket();
        InetAddress host = InetAddress.getByName(args[0]);
        ZonedDateTime sent = ZonedDateTime.now();
        long start = System.nanoTime();
        socket.send(new DatagramPacket(name, name.length, host, Integer.parseInt(args[1])));
        DatagramPacket reply = new DatagramPacket(new byte[2048], 2048);
        socket.receive(reply);
        long nanos = System.nanoTime() - start;
        ZonedDateTime received = ZonedDateTime.now();
        System.out.println(new String(reply.getData(), 0, reply.getLength(), StandardCharsets.UTF_8));
        System.out.println("Request left at " + sent.format(form));
        System.out.println("Reply came at " + received.format(form));
        System.out.printf(Locale.US, "Round trip: %.3f ms%n", nanos / 1e6);
    }
}
