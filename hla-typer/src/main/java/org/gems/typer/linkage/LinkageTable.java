package org.gems.typer.linkage;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.gems.typer.Json;
import org.gems.typer.library.AlleleName;

/** Which alleles and genes usually stand beside a DRB1 allele, by its first field. */
final class LinkageTable {
  private static final String FILE = "/org/gems/typer/linkage-1.json";

  private final Map<String, String> genes;
  private final Map<String, String> dqb1;

  private LinkageTable(Map<String, String> genes, Map<String, String> dqb1) {
    this.genes = genes;
    this.dqb1 = dqb1;
  }

  /** The table that the typer carries. */
  static LinkageTable builtIn() {
    try (InputStream stream = LinkageTable.class.getResourceAsStream(FILE)) {
      JsonNode root = Json.read(stream.readAllBytes());
      return new LinkageTable(
          values(root.path("drb345_beside_drb1")), values(root.path("dqb1_beside_drb1")));
    } catch (IOException e) {
      throw new IllegalStateException("the jar lacks its linkage table; build it again", e);
    }
  }

  private static Map<String, String> values(JsonNode node) {
    Map<String, String> values = new TreeMap<>();
    node.path("value")
        .fields()
        .forEachRemaining(e -> values.put(e.getKey(), e.getValue().asText()));
    return values;
  }

  private static String family(String allele) {
    return "%02d".formatted(AlleleName.parse(allele).family());
  }

  /** The gene beside a DRB1 allele: DRB3, DRB4, DRB5 or none ({@code ""}); empty where unknown. */
  Optional<String> gene(String drb1) {
    return Optional.ofNullable(genes.get(family(drb1)));
  }

  /** Whether a DQB1 allele usually stands beside a DRB1 allele; true where nothing is known. */
  boolean isUsual(String drb1, String dqb1Allele) {
    String usual = dqb1.get(family(drb1));
    return usual == null || List.of(usual.split(" ", -1)).contains(family(dqb1Allele));
  }

  /** DQB1's first fields that usually stand beside a DRB1 allele. */
  String usual(String drb1) {
    return dqb1.getOrDefault(family(drb1), "any");
  }
}
