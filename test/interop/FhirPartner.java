import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.rest.annotation.Transaction;
import ca.uhn.fhir.rest.annotation.TransactionParam;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.interceptor.RequestValidatingInterceptor;
import ca.uhn.fhir.rest.server.provider.HashMapResourceProvider;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;

/**
 * A partner made of HAPI FHIR: asks the gateway through the generic client, judges JSON with the strict parser and the instance
 * validator, and serves resources in memory. Reads one command a line, answers one line, fields by tab, resources in base64.
 * ASK base token | CAPABLE | READ type id | SEARCH query pages | CREATE json [if-none-exist] | UPDATE json | UPDATE_WHERE query json |
 * TRANSACT json | EVERYTHING id | JUDGE folder definitions | SERVE | HELD type
 */
public class FhirPartner {
  private static final FhirContext context = FhirContext.forR4();
  private static final Map<String, HashMapResourceProvider<Resource>> held = new LinkedHashMap<>();
  private static IGenericClient client;

  public static void main(String[] args) throws Exception {
    context.setParserErrorHandler(new StrictErrorHandler());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer;
      try {
        answer = answerTo(line.split("\t", -1));
      } catch (BaseServerResponseException e) {
        answer = "SAID\t" + e.getStatusCode() + "\t" + encoded(e.getOperationOutcome());
      } catch (Exception | LinkageError e) {
        answer = "FAILED\t" + e.getClass().getSimpleName() + ": " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
      }
      System.out.println(answer);
      System.out.flush();
    }
    System.exit(0);
  }

  private static String answerTo(String[] words) throws Exception {
    switch (words[0]) {
      case "ASK":
        context.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.ONCE);
        context.getRestfulClientFactory().setSocketTimeout(30_000);
        client = context.newRestfulGenericClient(words[1]);
        client.registerInterceptor(new BearerTokenAuthInterceptor(words[2]));
        return "SAID";
      case "CAPABLE":
        return said(client.capabilities().ofType(CapabilityStatement.class).execute());
      case "READ":
        return said(client.read().resource(words[1]).withId(words[2]).execute());
      case "SEARCH":
        return search(words[1], Integer.parseInt(words[2]));
      case "CREATE":
        var create = client.create().resource(resource(words[1]));
        return outcome(words.length > 2 ? create.conditionalByUrl(words[2]).execute() : create.execute());
      case "UPDATE":
        return outcome(client.update().resource(resource(words[1])).execute());
      case "UPDATE_WHERE":
        return outcome(client.update().resource(resource(words[2])).conditionalByUrl(words[1]).execute());
      case "TRANSACT":
        return said(client.transaction().withBundle((Bundle) resource(words[1])).execute());
      case "EVERYTHING":
        return said(
            client.operation().onInstance("Patient/" + words[1]).named("$everything").withNoParameters(Parameters.class)
                .useHttpGet().returnResourceType(Bundle.class).execute());
      case "JUDGE":
        return judge(Path.of(words[1]), Path.of(words[2]));
      case "SERVE":
        return "SAID\t" + serve();
      case "HELD":
        List<Resource> all = held.get(words[1]).getStoredResources();
        return "SAID\t" + all.stream().map(FhirPartner::encoded).collect(Collectors.joining("\t"));
      default:
        return "FAILED\tno such command";
    }
  }

  private static String search(String query, int pages) {
    Bundle page = client.search().byUrl(query).returnBundle(Bundle.class).execute();
    List<String> seen = new ArrayList<>();
    for (int i = 1; ; i++) {
      seen.add(encoded(page));
      if (i >= pages || page.getLink(Bundle.LINK_NEXT) == null) return "SAID\t" + String.join("\t", seen);
      page = client.loadPage().next(page).execute();
    }
  }

  private static String outcome(MethodOutcome outcome) {
    String id = outcome.getId() == null ? "" : outcome.getId().toUnqualified().getValue();
    return "SAID\t" + outcome.getResponseStatusCode() + "\t" + id + "\t" + Boolean.TRUE.equals(outcome.getCreated());
  }

  private static String said(IBaseResource resource) {
    return "SAID\t" + encoded(resource);
  }

  private static String encoded(IBaseResource resource) {
    if (resource == null) return "";
    return Base64.getEncoder().encodeToString(context.newJsonParser().encodeResourceToString(resource).getBytes(StandardCharsets.UTF_8));
  }

  private static IBaseResource resource(String base64) {
    return context.newJsonParser().parseResource(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8));
  }

  private static FhirValidator validator(Path definitions) throws Exception {
    PrePopulatedValidationSupport ours = new PrePopulatedValidationSupport(context);
    if (definitions != null)
      for (Path file : jsonIn(definitions))
        ours.addResource(FhirContext.forR4Cached().newJsonParser().parseResource(Files.readString(file)));
    UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity.INFORMATION);
    ValidationSupportChain chain =
        new ValidationSupportChain(
            ours,
            new DefaultProfileValidationSupport(context),
            new SnapshotGeneratingValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context),
            unknown);
    FhirInstanceValidator instance = new FhirInstanceValidator(chain);
    instance.setAnyExtensionsAllowed(true);
    return context.newValidator().registerValidatorModule(instance);
  }

  private static List<Path> jsonIn(Path folder) throws Exception {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  /** Every file read by the strict parser, written and read again, and validated; one word for each thing found. */
  private static String judge(Path folder, Path definitions) throws Exception {
    FhirValidator validator = validator(definitions);
    List<String> found = new ArrayList<>();
    List<Path> files = jsonIn(folder);
    for (Path file : files) {
      String text = Files.readString(file);
      String name = file.getFileName().toString();
      try {
        context.newJsonParser().parseResource(text);
      } catch (RuntimeException e) {
        found.add(word(name, "fatal", "", e.getMessage()));
      }
      for (SingleValidationMessage message : validator.validateWithResult(text).getMessages())
        if (message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal())
          found.add(word(name, message.getSeverity().getCode(), message.getLocationString(), message.getMessage()));
    }
    return "SAID\t" + files.size() + (found.isEmpty() ? "" : "\t" + String.join("\t", found));
  }

  private static String word(String... parts) {
    String text = Arrays.stream(parts).map(part -> String.valueOf(part).replaceAll("\\s+", " ")).collect(Collectors.joining(" | "));
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** HAPI's own server with its in-memory providers; what its validator calls an error is refused with 422. */
  private static int serve() throws Exception {
    RestfulServer rest = new RestfulServer(FhirContext.forR4());
    rest.setDefaultResponseEncoding(ca.uhn.fhir.rest.api.EncodingEnum.JSON);
    for (String type : context.getResourceTypes()) {
      @SuppressWarnings("unchecked")
      Class<Resource> of = (Class<Resource>) context.getResourceDefinition(type).getImplementingClass();
      HashMapResourceProvider<Resource> provider = new HashMapResourceProvider<>(rest.getFhirContext(), of);
      held.put(type, provider);
      rest.registerProvider(provider);
    }
    rest.registerProvider(new Whole());
    RequestValidatingInterceptor judge = new RequestValidatingInterceptor();
    FhirInstanceValidator module = instanceModule();
    context.newValidator().registerValidatorModule(module).validateWithResult(new org.hl7.fhir.r4.model.Task());
    judge.addValidatorModule(module);
    judge.setFailOnSeverity(ResultSeverityEnum.ERROR);
    rest.registerInterceptor(judge);
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler handler = new ServletContextHandler();
    handler.addServlet(new ServletHolder(rest), "/fhir/*");
    server.setHandler(handler);
    server.start();
    return connector.getLocalPort();
  }

  private static FhirInstanceValidator instanceModule() {
    ValidationSupportChain chain =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context));
    FhirInstanceValidator module = new FhirInstanceValidator(chain);
    module.setAnyExtensionsAllowed(true);
    module.setErrorForUnknownProfiles(false);
    return module;
  }

  /** PUT entries of a transaction, each given to the provider of its type. */
  public static class Whole {
    @Transaction
    public Bundle transaction(@TransactionParam Bundle sent) {
      Bundle answer = new Bundle();
      answer.setType(Bundle.BundleType.TRANSACTIONRESPONSE);
      for (Bundle.BundleEntryComponent entry : sent.getEntry()) {
        Resource resource = entry.getResource();
        HashMapResourceProvider<Resource> provider = held.get(resource.fhirType());
        MethodOutcome outcome = provider.update(resource, null, null);
        answer.addEntry().getResponse().setStatus(Boolean.TRUE.equals(outcome.getCreated()) ? "201" : "200").setLocation(entry.getRequest().getUrl());
      }
      return answer;
    }
  }
}
