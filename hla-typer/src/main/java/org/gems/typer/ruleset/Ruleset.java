package org.gems.typer.ruleset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.BadInputException;
import org.gems.typer.Json;

/** The versioned thresholds. Every one stands in a JSON file with the reason for its value. */
public final class Ruleset {
  private static final String BUILT_IN = "ruleset-1.json";
  private static final String REPAIR = "start from the ruleset that the typer carries";

  private final String version;
  private final Map<Threshold, Double> thresholds;
  private final Map<String, String> featureDonors;
  private final Map<String, List<String>> decoys;
  private final Map<String, List<String>> relatives;

  private Ruleset(
      String version,
      Map<Threshold, Double> thresholds,
      Map<String, String> featureDonors,
      Map<String, List<String>> decoys,
      Map<String, List<String>> relatives) {
    this.version = version;
    this.thresholds = thresholds;
    this.featureDonors = featureDonors;
    this.decoys = decoys;
    this.relatives = relatives;
  }

  /** The ruleset's own version word. */
  public String version() {
    return version;
  }

  /** A threshold's value. */
  public double get(Threshold threshold) {
    return thresholds.get(threshold);
  }

  /** A threshold that counts something. */
  public int count(Threshold threshold) {
    return (int) Math.round(get(threshold));
  }

  /** For a locus without genomic sequence, the locus that lends it coordinates. */
  public Map<String, String> featureDonors() {
    return featureDonors;
  }

  /** For a paralogue that no panel amplifies on purpose, the loci whose primers may catch it. */
  public Map<String, List<String>> decoys() {
    return decoys;
  }

  /**
   * For a gene, others whose reads are laid to it where the library lacks them and no primers tell
   * them apart.
   */
  public Map<String, List<String>> relatives() {
    return relatives;
  }

  /** The ruleset that the typer carries. */
  public static Ruleset builtIn() {
    try (InputStream stream = Ruleset.class.getResourceAsStream("/org/gems/typer/" + BUILT_IN)) {
      return parse(BUILT_IN, stream.readAllBytes());
    } catch (IOException e) {
      throw new IllegalStateException("the jar lacks its ruleset; build it again", e);
    }
  }

  /**
   * Reads a laboratory's own ruleset, which must name every threshold.
   *
   * @throws BadInputException where it is unreadable, lacks a threshold or has one too many
   */
  public static Ruleset read(Path path) {
    try {
      return parse(path.toString(), Files.readAllBytes(path));
    } catch (IOException e) {
      throw new BadInputException(path.toString(), 0, "a readable ruleset", e.toString(), REPAIR);
    }
  }

  private static Ruleset parse(String file, byte[] bytes) {
    JsonNode root = tree(file, bytes);
    require(file, root.path("version").isTextual(), "a version word", root.path("version"));
    Map<Threshold, Double> values = new EnumMap<>(Threshold.class);
    JsonNode thresholds = root.path("thresholds");
    for (Threshold threshold : Threshold.values()) {
      String key = threshold.name().toLowerCase(Locale.ROOT);
      JsonNode value = thresholds.path(key).path("value");
      require(file, value.isNumber(), "a number at thresholds." + key + ".value", value);
      values.put(threshold, value.asDouble());
    }
    require(
        file,
        thresholds.size() == values.size(),
        values.size() + " thresholds",
        root.path("thresholds").size() + " of them");
    Map<String, String> donors = new TreeMap<>();
    root.path("feature_donors")
        .path("value")
        .fields()
        .forEachRemaining(e -> donors.put(e.getKey(), e.getValue().asText()));
    return new Ruleset(
        root.get("version").asText(),
        values,
        donors,
        lists(root, "decoys"),
        lists(root, "relatives"));
  }

  private static Map<String, List<String>> lists(JsonNode root, String name) {
    Map<String, List<String>> lists = new TreeMap<>();
    root.path(name)
        .path("value")
        .fields()
        .forEachRemaining(
            e -> {
              List<String> targets = new ArrayList<>();
              e.getValue().forEach(target -> targets.add(target.asText()));
              lists.put(e.getKey(), List.copyOf(targets));
            });
    return lists;
  }

  private static JsonNode tree(String file, byte[] bytes) {
    try {
      return Json.read(bytes);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new BadInputException(file, line, "JSON", e.getOriginalMessage(), REPAIR);
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory are always readable", e);
    }
  }

  private static void require(String file, boolean holds, String expected, Object found) {
    if (!holds) {
      String shown = found.toString();
      throw new BadInputException(file, 0, expected, shown.isEmpty() ? "nothing" : shown, REPAIR);
    }
  }
}
