import ca.uhn.hl7v2.AcknowledgmentCode;
import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.Version;
import ca.uhn.hl7v2.app.Connection;
import ca.uhn.hl7v2.app.HL7Service;
import ca.uhn.hl7v2.model.Composite;
import ca.uhn.hl7v2.model.GenericMessage;
import ca.uhn.hl7v2.model.GenericSegment;
import ca.uhn.hl7v2.model.Group;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.model.Segment;
import ca.uhn.hl7v2.model.Structure;
import ca.uhn.hl7v2.model.Type;
import ca.uhn.hl7v2.model.Varies;
import ca.uhn.hl7v2.parser.PipeParser;
import ca.uhn.hl7v2.protocol.ReceivingApplication;
import ca.uhn.hl7v2.protocol.ReceivingApplicationExceptionHandler;
import ca.uhn.hl7v2.util.StandardSocketFactory;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.ValidationContextFactory;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A partner made of HAPI HL7v2: sends and receives over MLLP with mutual TLS, and judges messages. Arguments: folder with ca.pem,
 * own.pem, own.key (PKCS #8). Reads one command a line, answers one line, fields by tab, messages in base64.
 * LISTEN port | SEND host port message | JUDGE message | HEARD
 */
public class Hl7v2Partner {
  private static final List<String> heard = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    HapiContext context = new DefaultHapiContext();
    context.setValidationContext(ValidationContextFactory.defaultValidation());
    context.getParserConfiguration().setValidating(true);
    if (args.length > 0) context.setSocketFactory(new MutualTls(tls(Path.of(args[0]))));
    context.getLowerLayerProtocol().setCharset(StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split("\t");
      String answer;
      try {
        answer =
            switch (words[0]) {
              case "LISTEN" -> listen(context, Integer.parseInt(words[1]), args.length > 0);
              case "SEND" -> send(context, words[1], Integer.parseInt(words[2]), text(words[3]), args.length > 0);
              case "JUDGE" -> judge(context, text(words[1]));
              case "HEARD" -> heardSoFar();
              default -> "UNKNOWN";
            };
      } catch (Exception e) {
        answer = "FAILED\t" + e.getClass().getSimpleName() + ": " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
      }
      System.out.println(answer);
      System.out.flush();
    }
    System.exit(0);
  }

  private static String heardSoFar() {
    synchronized (heard) {
      return "HEARD\t" + String.join("\t", heard);
    }
  }

  /** What HAPI's own default validation refuses never gets to the application: HAPI answers it by itself with AE or AR. */
  private static String listen(HapiContext context, int port, boolean isTls) throws Exception {
    HL7Service server = context.newServer(port, isTls);
    server.registerApplication(
        new ReceivingApplication<Message>() {
          @Override
          public Message processMessage(Message message, Map<String, Object> metadata) throws HL7Exception {
            keep("TAKEN", message.encode());
            try {
              return message.generateACK(AcknowledgmentCode.AA, null);
            } catch (IOException e) {
              throw new HL7Exception(e);
            }
          }

          @Override
          public boolean canProcess(Message message) {
            return true;
          }
        });
    server.setExceptionHandler(
        new ReceivingApplicationExceptionHandler() {
          @Override
          public String processException(String in, Map<String, Object> metadata, String out, Exception e) {
            keep("REFUSED", String.valueOf(e.getMessage()));
            return out;
          }
        });
    server.startAndWait();
    return "LISTENING\t" + port;
  }

  private static void keep(String how, String what) {
    synchronized (heard) {
      heard.add(how + " " + base64(what));
    }
  }

  private static String send(HapiContext context, String host, int port, String message, boolean isTls) throws Exception {
    Connection connection = context.newClient(host, port, isTls);
    try {
      connection.getInitiator().setTimeout(20, TimeUnit.SECONDS);
      Message answer = connection.getInitiator().sendAndReceive(context.getPipeParser().parse(message));
      Terser terser = new Terser(answer);
      String text = answer.encode();
      return String.join("\t", "ANSWER", terser.get("/.MSA-1"), terser.get("/.MSA-2"), answer.getClass().getSimpleName(), base64(text));
    } finally {
      connection.close();
    }
  }

  /** Parsed under default validation, then held against the required fields, repetitions and structure that HAPI's classes know. */
  private static String judge(HapiContext context, String text) throws Exception {
    PipeParser parser = context.getPipeParser();
    Message message = parser.parse(text);
    List<String> found = new ArrayList<>();
    if (message instanceof GenericMessage) found.add("no structure of this name in version " + message.getVersion());
    else walk(message, "", found);
    String back = parser.encode(message);
    return "JUDGED\t" + message.getClass().getName().replace("ca.uhn.hl7v2.model.", "") + "\t" + base64(back) + "\t" + String.join("; ", found);
  }

  private static void walk(Group group, String path, List<String> found) throws HL7Exception {
    for (String name : group.getNames()) {
      Structure[] all = group.getAll(name);
      boolean isFilled = false;
      for (Structure each : all) isFilled |= !each.isEmpty();
      if (group.isRequired(name) && !isFilled && (path.isEmpty() || !group.isEmpty())) found.add(path + name + " is required");
      if (!group.isRepeating(name) && all.length > 1) found.add(path + name + " may not repeat");
      for (Structure each : all) {
        if (each.isEmpty()) continue;
        if (each instanceof Group inner) walk(inner, path + name + "/", found);
        else if (each instanceof GenericSegment) found.add(path + name + " has no place here");
        else fields((Segment) each, path + name, found);
      }
    }
  }

  private static void fields(Segment segment, String path, List<String> found) throws HL7Exception {
    for (int i = 1; i <= segment.numFields(); i++) {
      Type[] values = segment.getField(i);
      int most = segment.getMaxCardinality(i);
      if (segment.isRequired(i) && (values.length == 0 || values[0].isEmpty())) found.add(path + "-" + i + " is required");
      if (most > 0 && values.length > most) found.add(path + "-" + i + " repeats " + values.length + " times");
      for (Type value : values) extra(value, path + "-" + i, found);
    }
  }

  private static void extra(Type value, String path, List<String> found) throws HL7Exception {
    if (value instanceof Varies) return;
    if (value.getExtraComponents().numComponents() > 0) found.add(path + " has components beyond its type");
    if (value instanceof Composite composite)
      for (int i = 0; i < composite.getComponents().length; i++) extra(composite.getComponent(i), path + "." + (i + 1), found);
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static SSLContext tls(Path folder) throws Exception {
    CertificateFactory certificates = CertificateFactory.getInstance("X.509");
    Certificate ca = certificates.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(folder.resolve("ca.pem"))));
    Certificate own = certificates.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(folder.resolve("own.pem"))));
    String pem = Files.readString(folder.resolve("own.key")).replaceAll("-----[A-Z ]+-----|\\s", "");
    var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("ca", ca);
    store.setKeyEntry("own", key, new char[0], new Certificate[] {own});
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /** HAPI's seam for TLS; its server wants the gateway's certificate. */
  private static class MutualTls extends StandardSocketFactory {
    private final SSLContext tls;

    MutualTls(SSLContext tls) {
      this.tls = tls;
    }

    @Override
    public Socket createTlsSocket() throws IOException {
      return tls.getSocketFactory().createSocket();
    }

    @Override
    public ServerSocket createTlsServerSocket() throws IOException {
      SSLServerSocket socket = (SSLServerSocket) tls.getServerSocketFactory().createServerSocket();
      socket.setNeedClientAuth(true);
      return socket;
    }
  }
}
