import java.io.File;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.OperationOutcome;
import org.hl7.fhir.r5.model.OperationOutcome.OperationOutcomeIssueComponent;
import org.hl7.fhir.validation.ValidationEngine;

/**
 * Holds every resource of a folder against the definitions of another with the official validator, without a terminology server.
 * Prints one line an issue: ISSUE, file, severity, expression, text; and DONE, file.
 */
public class Judge {
  public static void main(String[] args) throws Exception {
    ValidationEngine engine =
        new ValidationEngine.ValidationEngineBuilder()
            .withVersion("4.0.1")
            .withNoTerminologyServer()
            .withCanRunWithoutTerminologyServer(true)
            .fromSource("hl7.fhir.r4.core#4.0.1");
    engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), args[0], false);
    engine.setAllowExampleUrls(true);
    engine.prepare();
    File[] files = new File(args[1]).listFiles((folder, name) -> name.endsWith(".json"));
    Arrays.sort(files);
    for (File file : files) {
      byte[] bytes = Files.readAllBytes(file.toPath());
      OperationOutcome outcome = engine.validate(bytes, FhirFormat.JSON, new ArrayList<>(), new ArrayList<>());
      for (OperationOutcomeIssueComponent issue : outcome.getIssue()) {
        String at = issue.hasExpression() ? issue.getExpression().get(0).getValue() : "";
        String text = issue.getDetails().getText().replace('\n', ' ').replace('\t', ' ');
        System.out.println(String.join("\t", "ISSUE", file.getName(), issue.getSeverity().toCode(), at, text));
      }
      System.out.println("DONE\t" + file.getName());
    }
  }
}
