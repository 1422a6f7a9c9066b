// Right: three threads, its own words, JSON taken apart with a regular expression.
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.regex.*;

public class ChatClient {
    static volatile Map<String, String> users = new LinkedHashMap<>();

    public static void main(String[] args) throws Exception {
        InetAddress server = InetAddress.getByName(args[0]);
        int port = Integer.parseInt(args[2]);
        DatagramSocket udp = new DatagramSocket(new InetSocketAddress(args[1], port));
        Socket tcp = null;
        try {
            tcp = new Socket(server, port);
        } catch (ConnectException e) {
            System.out.println("Cannot reach the chat: " + e.getMessage());
            System.exit(1);
        }
        BufferedReader keys = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("Who are you?");
        OutputStream out = tcp.getOutputStream();
        out.write(keys.readLine().getBytes(StandardCharsets.UTF_8));
        InputStream in = tcp.getInputStream();
        PrintStream screen = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        new Thread(() -> {
            byte[] b = new byte[1024];
            try {
                for (int n; (n = in.read(b)) > 0; )
                    for (String m : new String(b, 0, n, StandardCharsets.UTF_8).split("\n"))
                        if (m.startsWith("!")) {
                            Map<String, String> now = new LinkedHashMap<>();
                            Matcher pair = Pattern.compile("\"([^\"]*)\": *\"([^\"]*)\"").matcher(m);
                            while (pair.find()) now.put(pair.group(1), pair.group(2));
                            users = now;
                        } else if (!m.isEmpty()) screen.println("server -> " + m);
            } catch (IOException e) { }
            screen.println("The server hung up.");
            System.exit(0);
        }).start();
        new Thread(() -> {
            try {
                while (true) {
                    DatagramPacket p = new DatagramPacket(new byte[1500], 1500);
                    udp.receive(p);
                    String who = "a stranger", ip = p.getAddress().getHostAddress();
                    for (Map.Entry<String, String> user : users.entrySet()) if (user.getValue().equals(ip)) who = user.getKey();
                    screen.println("direct from " + who + " -> " + new String(p.getData(), 0, p.getLength(), StandardCharsets.UTF_8));
                }
            } catch (IOException e) { }
        }).start();
        for (String line; (line = keys.readLine()) != null; ) {
            if (line.equals("#ls")) users.forEach((n, ip) -> screen.println(n + "\t" + ip));
            else if (line.startsWith("@") && line.contains(":")) {
                String name = line.substring(1, line.indexOf(':')), text = line.substring(line.indexOf(':') + 1);
                String ip = users.get(name);
                if (ip == null) screen.println(name + "? Never heard of.");
                else { byte[] b = text.getBytes(StandardCharsets.UTF_8); udp.send(new DatagramPacket(b, b.length, InetAddress.getByName(ip), port)); }
            } else if (!line.isEmpty()) out.write(line.getBytes(StandardCharsets.UTF_8));
        }
        System.exit(0);
    }
}
