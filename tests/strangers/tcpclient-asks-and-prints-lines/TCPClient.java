// Wrong: println sends the end of the line, too. Asks for host and port.
import java.io.*;
import java.net.Socket;
import java.util.Scanner;

public class TCPClient {
    public static void main(String[] args) throws IOException {
        Scanner in = new Scanner(System.in, "UTF-8");
        System.out.println("Enter the IP address of the server:");
        String host = in.nextLine();
        System.out.println("Enter the port of the server:");
        int port = in.nextInt();
        in.nextLine();
        System.out.println("Enter your sentence:");
        String sentence = in.nextLine();
        Socket socket = new Socket(host, port);
        new PrintWriter(new OutputStreamWriter(socket.getOutputStream(), "UTF-8"), true).println(sentence);
        byte[] data = new byte[1024];
        int n = socket.getInputStream().read(data);
        System.out.println("From server: " + new String(data, 0, n, "UTF-8"));
        socket.close();
    }
}
