package org.gems.typer.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gems.typer.cli.Main;

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
    return Main.execute(arguments.toArray(String[]::new));
  }

  /** A sample's typing. */
  public JsonNode typing(String sample) throws IOException {
    return new ObjectMapper().readTree(out().resolve(sample).resolve("typing.json").toFile());
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
}
