// As a textbook has it: a line is read, a line is answered.
import java.io.*;
import java.net.*;

class TCPServer {
    public static void main(String[] argv) throws Exception {
        ServerSocket welcomeSocket = new ServerSocket(Integer.parseInt(argv[0]));
        while (true) {
            Socket connectionSocket = welcomeSocket.accept();
            BufferedReader in = new BufferedReader(new InputStreamReader(connectionSocket.getInputStream()));
            DataOutputStream out = new DataOutputStream(connectionSocket.getOutputStream());
            String sentence = in.readLine();
            if (sentence != null) out.writeBytes(sentence.toUpperCase() + '\n');
            connectionSocket.close();
        }
    }
}
