import java.io.*;
import java.net.*;
import java.util.*;

public class PingClient {
    private static final int TIMEOUT = 1000;

    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            System.out.println("Required arguments: host port");
            return;
        }
        InetAddress host = InetAddress.getByName(args[0]);
        int port = Integer.parseInt(args[1]);
        DatagramSocket socket = new DatagramSocket();
        socket.setSoTimeout(TIMEOUT);
        int n = 0;
        while (n < 10) {
            Date now = new Date();
            long sent = System.nanoTime();
            String str = "PING " + n + " " + now.getTime() + "\r\n";
            byte[] buf = str.getBytes();
            DatagramPacket ping = new DatagramPacket(buf, buf.length, host, port);
            socket.send(ping);
            try {
                DatagramPacket response = new DatagramPacket(new byte[1024], 1024);
                socket.receive(response);
                double delay = (System.nanoTime() - sent) / 1e6;
                printData(response, delay);
            } catch (SocketTimeoutException e) {
                System.out.println("Timeout for packet " + n);
            }
            n++;
        }
    }

    private static void printData(DatagramPacket request, double delay) throws Exception {
        BufferedReader br = new BufferedReader(new InputStreamReader(
            new ByteArrayInputStream(request.getData(), 0, request.getLength())));
        String line = br.readLine();
        System.out.println("Received from " + request.getAddress().getHostAddress() + ": " + line
            + " Delay: " + delay + " ms");
    }
}
