package org.gems.typer.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.gems.typer.cli.Main;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.flags.FlagCode.Where;

/** Runs the typer in this process, as its users do from a shell. */
public final class Bench {
  private final Path folder;
  private final Path library;
  private Path panel;
  private final StringBuilder sheet = new StringBuilder("sample\tr1\tr2\n");

  /** A bench with a world's library and a panel of some of its genes. */
  public Bench(Path folder, SyntheticWorld world, String... panelGenes) throws IOException {
    this.folder = folder;
    this.library = world.writeLibrary(folder.resolve("library"));
    this.panel = world.writePanel(folder.resolve("panel.tsv"), panelGenes);
  }

  /** Adds a sample. */
  public Bench sample(String name, Reads reads) throws IOException {
    sheet.append(reads.write(folder, name));
    return this;
  }

  /** Adds a sample of which one end of each fragment was read. */
  public Bench singleReads(String name, Reads reads) throws IOException {
    sheet.append(reads.writeSingle(folder, name));
    return this;
  }

  /** Adds a line to the sample sheet. */
  public Bench sheetLine(String line) {
    sheet.append(line);
    return this;
  }

  /** The folder of the library. */
  public Path library() {
    return library;
  }

  /** The panel's file. */
  public Path panel() {
    return panel;
  }

  /** Types with another panel. */
  public Bench panel(Path other) {
    panel = other;
    return this;
  }

  /** The output folder. */
  public Path out() {
    return folder.resolve("out");
  }

  /** The sample sheet, written by a run. */
  public Path sheet() {
    return folder.resolve("sheet.tsv");
  }

  /** Types the samples and answers the exit code. */
  public int run(String hlaClass, String... more) throws IOException {
    Path sheetFile = sheet();
    Files.writeString(sheetFile, sheet.toString());
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "type",
                "--library=" + library,
                "--panel=" + panel,
                "--hla-class=" + hlaClass,
                "--samples=" + sheetFile,
                "--out=" + out()));
    arguments.addAll(List.of(more));
    int exitCode = Main.execute(arguments.toArray(String[]::new));
    requireKnownFlags();
    return exitCode;
  }

  /** Insists that flags say what their codes promise, where their codes may occur. */
  private void requireKnownFlags() throws IOException {
    for (String line : sheet.toString().split("\n", -1)) {
      String sample = line.split("\t", -1)[0];
      if (!sample.isEmpty() && sample.indexOf('\0') < 0 && Files.exists(typingFile(sample))) {
        JsonNode typing = typing(sample);
        boolean hasPanel = !typing.at("/versions/primer_mask_version").asText().equals("none");
        Where other = hasPanel ? Where.NO_PANEL : Where.PANEL;
        typing.get("flags").forEach(flag -> require(flag, EnumSet.of(Where.SAMPLE)));
        Set<Where> ofLocus = EnumSet.complementOf(EnumSet.of(Where.SAMPLE, other));
        typing.get("loci").forEach(l -> l.get("flags").forEach(flag -> require(flag, ofLocus)));
      }
    }
  }

  private static void require(JsonNode flag, Set<Where> where) {
    FlagCode code = code(flag);
    Set<String> evidence = new HashSet<>();
    flag.get("evidence").fieldNames().forEachRemaining(evidence::add);
    if (!where.contains(code.where()) || !code.admits(evidence)) {
      throw new AssertionError("a flag out of place or of other evidence: " + flag);
    }
  }

  private static FlagCode code(JsonNode flag) {
    return FlagCode.valueOf(flag.get("code").asText().toUpperCase(Locale.ROOT));
  }

  private Path typingFile(String sample) {
    return out().resolve(sample).resolve("typing.json");
  }

  /** A sample's typing. */
  public JsonNode typing(String sample) throws IOException {
    return new ObjectMapper().readTree(typingFile(sample).toFile());
  }

  /** The same as it was written. */
  public String text(String sample) throws IOException {
    return Files.readString(typingFile(sample));
  }

  /** Pairs of a sample that a filter stopped. */
  public int lost(String sample, String filter) throws IOException {
    for (JsonNode node : typing(sample).at("/reads/filters")) {
      if (node.get("name").asText().equals(filter)) {
        return node.get("pairs").asInt();
      }
    }
    throw new AssertionError("no filter " + filter);
  }

  /** One locus of a sample's typing. */
  public JsonNode locus(String sample, String locus) throws IOException {
    for (JsonNode node : typing(sample).get("loci")) {
      if (node.get("locus").asText().equals(locus)) {
        return node;
      }
    }
    throw new AssertionError("no locus " + locus);
  }

  /** Names of the alleles called at a locus. */
  public List<String> called(String sample, String locus) throws IOException {
    return locus(sample, locus).get("alleles").findValuesAsText("name");
  }

  /** Flag codes of a locus. */
  public List<String> flags(String sample, String locus) throws IOException {
    return locus(sample, locus).get("flags").findValuesAsText("code");
  }

  /** How a locus stands. */
  public String state(String sample, String locus) throws IOException {
    return locus(sample, locus).get("state").asText();
  }

  /** Codes of those flags of a locus that may be there with a panel and without, in their order. */
  public List<String> sharedFlags(String sample, String locus) throws IOException {
    List<String> codes = new ArrayList<>();
    for (JsonNode flag : locus(sample, locus).get("flags")) {
      if (code(flag).where() == Where.BOTH) {
        codes.add(flag.get("code").asText());
      }
    }
    return codes.stream().sorted().toList();
  }

  /** The evidence of a locus's first flag of a code. */
  public JsonNode evidence(String sample, String locus, String code) throws IOException {
    return flag(locus(sample, locus), code).get("evidence");
  }

  /** The evidence of all of a locus's flags of a code. */
  public List<JsonNode> evidences(String sample, String locus, String code) throws IOException {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode flag : locus(sample, locus).get("flags")) {
      if (flag.get("code").asText().equals(code)) {
        found.add(flag.get("evidence"));
      }
    }
    return found;
  }

  /** The first flag of a code that a locus, or a sample as a whole, has. */
  public static JsonNode flag(JsonNode flagged, String code) {
    for (JsonNode flag : flagged.get("flags")) {
      if (flag.get("code").asText().equals(code)) {
        return flag;
      }
    }
    throw new AssertionError("no flag " + code + " in " + flagged.get("flags"));
  }
}
