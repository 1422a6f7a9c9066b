// Right: java.nio with a Selector.
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.*;
import java.util.Iterator;

public class Server {
    public static void main(String[] args) throws IOException {
        Selector selector = Selector.open();
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress("0.0.0.0", Integer.parseInt(args[0])));
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        while (true) {
            selector.select();
            for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                SelectionKey key = keys.next();
                keys.remove();
                if (key.isAcceptable()) {
                    SocketChannel client = server.accept();
                    client.configureBlocking(false);
                    client.register(selector, SelectionKey.OP_READ);
                } else if (key.isReadable()) {
                    SocketChannel client = (SocketChannel) key.channel();
                    try {
                        ByteBuffer b = ByteBuffer.allocate(1024);
                        int n = client.read(b);
                        for (int i = 0; i < n; i++) if (b.get(i) >= 'a' && b.get(i) <= 'z') b.put(i, (byte) (b.get(i) - 32));
                        b.flip();
                        while (b.hasRemaining()) client.write(b);
                    } catch (IOException e) {
                        System.err.println(e);
                    }
                    client.close();
                }
            }
        }
    }
}
