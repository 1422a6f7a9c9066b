// Right: by hand, with Java's TLS; the issuer is the only one that is trusted.
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.*;
import javax.net.ssl.*;

public class Mail {
    static InputStream in;
    static OutputStream out;

    static String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c; (c = in.read()) != '\n'; line.write(c)) if (c < 0) throw new IOException("closed by the server");
        return line.toString(StandardCharsets.UTF_8).trim();
    }

    static void say(String text, String... codes) throws IOException {
        if (text != null) { out.write((text + "\r\n").getBytes(StandardCharsets.UTF_8)); out.flush(); }
        String reply;
        do reply = line(); while (reply.length() > 3 && reply.charAt(3) == '-');
        String code = reply.substring(0, Math.min(3, reply.length()));
        if (!Arrays.asList(codes).contains(code)) {
            try { out.write("QUIT\r\n".getBytes()); out.flush(); } catch (IOException gone) { }
            throw new IOException("the server says " + code);
        }
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    public static void main(String[] args) {
        Map<String, String> env = System.getenv();
        for (String name : List.of("MAIL_FROM", "MAIL_TO", "MAIL_SUBJECT"))
            if (env.get(name).matches("(?s).*[\r\n].*")) { System.err.println(name + " has two lines"); System.exit(2); }
        try {
            Socket socket = new Socket(args[0], Integer.parseInt(args[1]));
            socket.setSoTimeout(30000);
            in = socket.getInputStream();
            out = socket.getOutputStream();
            say(null, "220");
            say("EHLO [127.0.0.1]", "250");
            say("STARTTLS", "220");
            if (in.available() > 0) throw new IOException("bytes in clear behind STARTTLS");
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null);
            try (FileInputStream file = new FileInputStream(env.get("MAIL_CA"))) {
                trusted.setCertificateEntry("issuer", CertificateFactory.getInstance("X.509").generateCertificate(file));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, args[0], Integer.parseInt(args[1]), true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            in = tls.getInputStream();
            out = tls.getOutputStream();
            say("EHLO [127.0.0.1]", "250");
            say("AUTH LOGIN", "334");
            say(base64(env.get("MAIL_USER")), "334");
            say(base64(env.get("MAIL_PASSWORD")), "235");
            say("MAIL FROM:<" + env.get("MAIL_FROM") + ">", "250");
            say("RCPT TO:<" + env.get("MAIL_TO") + ">", "250", "251");
            say("DATA", "354");
            String subject = env.get("MAIL_SUBJECT"), body = env.get("MAIL_BODY");
            if (!subject.matches("\\p{ASCII}*")) {
                StringJoiner words = new StringJoiner("\r\n ");
                for (int i = 0, next; i < subject.length(); i = next) {
                    next = Math.min(subject.length(), i + 12);
                    if (next < subject.length() && Character.isLowSurrogate(subject.charAt(next))) next++;
                    words.add("=?UTF-8?B?" + base64(subject.substring(i, next)) + "?=");
                }
                subject = words.toString();
            }
            String text = "From: " + env.get("MAIL_FROM") + "\r\nTo: " + env.get("MAIL_TO") + "\r\nSubject: " + subject
                + "\r\nDate: " + DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now())
                + "\r\nMessage-ID: <" + UUID.randomUUID() + "@example.com>\r\nMIME-Version: 1.0"
                + "\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + Base64.getMimeEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8)) + "\r\n.";
            say(text, "250");
            System.out.println("Done.");
            try { say("QUIT", "221"); } catch (IOException late) { System.out.println("(no answer to QUIT)"); }
        } catch (Exception e) {
            System.err.println("Mail not sent: " + e.getMessage());
            System.exit(1);
        }
    }
}
