package org.gems.typer.ruleset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gems.typer.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thresholds' file. */
final class RulesetTest {
  @TempDir private Path folder;

  private static JsonNode builtInJson() throws IOException {
    try (InputStream stream =
        RulesetTest.class.getResourceAsStream("/org/gems/typer/ruleset-1.json")) {
      return new ObjectMapper().readTree(stream);
    }
  }

  @Test
  void everyThresholdStandsWithItsReason() throws IOException {
    JsonNode thresholds = builtInJson().get("thresholds");
    assertEquals(Threshold.values().length, thresholds.size());
    thresholds.forEach(node -> assertFalse(node.path("reason").asText().isBlank()));
  }

  @Test
  void anotherRulesetIsReadFromItsFile() throws IOException {
    ObjectNode json = (ObjectNode) builtInJson();
    json.put("version", "lab-2");
    ((ObjectNode) json.at("/thresholds/outlier_rate")).put("value", 0.02);
    Path file = folder.resolve("lab.json");
    Files.writeString(file, json.toString());
    Ruleset ruleset = Ruleset.read(file);
    assertEquals("lab-2", ruleset.version());
    assertEquals(0.02, ruleset.get(Threshold.OUTLIER_RATE));
  }

  @Test
  void aMissingThresholdIsNamed() throws IOException {
    ObjectNode json = (ObjectNode) builtInJson();
    ((ObjectNode) json.get("thresholds")).remove("outlier_rate");
    Path file = folder.resolve("lab.json");
    Files.writeString(file, json.toString());
    BadInputException error = assertThrows(BadInputException.class, () -> Ruleset.read(file));
    assertTrue(error.expected().contains("outlier_rate"));
  }

  @Test
  void aThresholdTooManyIsRefused() throws IOException {
    ObjectNode json = (ObjectNode) builtInJson();
    ((ObjectNode) json.get("thresholds")).putObject("outler_rate").put("value", 1);
    Path file = folder.resolve("lab.json");
    Files.writeString(file, json.toString());
    assertThrows(BadInputException.class, () -> Ruleset.read(file));
  }

  @Test
  void whatIsNoJsonIsRefusedAtItsLine() throws IOException {
    Path file = folder.resolve("lab.json");
    Files.writeString(file, "{\n\"version\": }");
    BadInputException error = assertThrows(BadInputException.class, () -> Ruleset.read(file));
    assertEquals(2, error.line());
  }
}
