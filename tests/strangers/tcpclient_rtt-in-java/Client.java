// Right, in Java: microseconds, and its own words.
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.util.Scanner;

public class Client {
    public static void main(String[] args) throws Exception {
        System.out.print("Name: ");
        String name = new Scanner(System.in).nextLine();
        Socket socket = new Socket(args[0], Integer.parseInt(args[1]));
        LocalTime sent = LocalTime.now();
        long start = System.nanoTime();
        socket.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
        byte[] data = new byte[2048];
        int length = socket.getInputStream().read(data);
        long took = System.nanoTime() - start;
        LocalTime received = LocalTime.now();
        System.out.println("Reply: " + new String(data, 0, length, StandardCharsets.UTF_8));
        System.out.println("Sent at " + sent + ", received at " + received);
        System.out.println("Round trip: " + took / 1000 + " microseconds");
        socket.close();
    }
}
