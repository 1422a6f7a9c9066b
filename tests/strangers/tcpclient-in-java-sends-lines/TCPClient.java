// As a textbook has it: a line is sent, a line is read.
import java.io.*;
import java.net.*;

class TCPClient {
    public static void main(String[] argv) throws Exception {
        BufferedReader inFromUser = new BufferedReader(new InputStreamReader(System.in));
        Socket clientSocket = new Socket(argv[0], Integer.parseInt(argv[1]));
        DataOutputStream out = new DataOutputStream(clientSocket.getOutputStream());
        BufferedReader in = new BufferedReader(new InputStreamReader(clientSocket.getInputStream()));
        out.writeBytes(inFromUser.readLine() + '\n');
        System.out.println("FROM SERVER: " + in.readLine());
        clientSocket.close();
    }
}
