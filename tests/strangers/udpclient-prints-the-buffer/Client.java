import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** Makes a text of the whole buffer, whatever the length of the datagram is. */
class Client {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        DatagramSocket socket = new DatagramSocket();
        byte[] question = in.readLine().getBytes();
        InetAddress server = InetAddress.getByName(args[0]);
        socket.send(new DatagramPacket(question, question.length, server, Integer.parseInt(args[1])));
        byte[] buffer = new byte[2048];
        DatagramPacket reply = new DatagramPacket(buffer, buffer.length);
        socket.receive(reply);
        System.out.println("FROM SERVER: " + new String(reply.getData()));
        socket.close();
    }
}
