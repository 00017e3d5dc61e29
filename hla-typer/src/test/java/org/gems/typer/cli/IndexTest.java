package org.gems.typer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.gems.typer.calls.HlaClass;
import org.gems.typer.evidence.CatalogIndex;
import org.gems.typer.evidence.CatalogIndex.Origin;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.output.Versions;
import org.gems.typer.panel.Panel;
import org.gems.typer.reads.SampleSheet;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The compiled library: kept, believed only when it is whole and meant, and of the same results.
 */
final class IndexTest {
  private static final List<String> GENES = List.of("A", "H", "B");

  @TempDir private Path folder;

  private final SyntheticWorld world =
      new SyntheticWorld(5)
          .gene("A")
          .allele("A*01:01:01:01")
          .allele("A*02:01:01:01", "exon1:40", "exon2:60")
          .allele("A*02:02", "exon1:40", "exon2:60", "exon2:90", "intron1:*")
          .geneLike("H", "A", 25)
          .allele("H*01:01:01:01")
          .gene("B")
          .allele("B*07:02:01")
          .allele("B*08:01:01", "exon1:50", "intron1:-");

  private Bench bench() throws IOException {
    Reads reads =
        new Reads(world, 7)
            .allele("A*01:01:01:01", 30)
            .allele("A*02:01:01:01", 30)
            .allele("B*08:01:01", 30);
    return new Bench(folder, world, "A", "B").sample("S1", reads);
  }

  private static Origin open(Bench bench, String build) {
    return open(bench, Optional.of(build));
  }

  private static Origin open(Bench bench, Optional<String> build) {
    LibraryReader library = new LibraryReader(bench.library());
    Panel panel = Panel.read(bench.panel());
    return new CatalogIndex(library, panel, Ruleset.builtIn(), build)
        .open(java.util.Set.copyOf(GENES))
        .origin();
  }

  private static Path index(Bench bench) throws IOException {
    try (Stream<Path> files = Files.list(bench.library().resolve("index"))) {
      return files.findFirst().orElseThrow();
    }
  }

  /** Types the sheet that a bench has typed, now with an index, as a jar does. */
  private static JsonNode lociByIndex(Bench bench, HlaClass hlaClass, int threads)
      throws IOException, InterruptedException {
    Engine engine =
        new AmpliconEngine(
            new LibraryReader(bench.library()),
            bench.panel(),
            Ruleset.builtIn(),
            hlaClass,
            Optional.of("a jar"));
    Versions versions = new Versions("", "", "", "", "", "", "", "");
    Progress silent = new Progress(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    new Run(engine, versions, bench.out(), silent).type(SampleSheet.read(bench.sheet()), threads);
    return bench.typing("S1").get("loci");
  }

  @Test
  void theSecondRunReadsWhatTheFirstBuiltAndBothSayWhatNoIndexSays() throws Exception {
    Bench bench = bench();
    assertEquals(0, bench.run("all"));
    JsonNode without = bench.typing("S1").get("loci");
    assertEquals(without, lociByIndex(bench, HlaClass.ALL, 1));
    byte[] index = Files.readAllBytes(index(bench));
    assertEquals(without, lociByIndex(bench, HlaClass.ALL, 2));
    assertArrayEquals(index, Files.readAllBytes(index(bench)));
    assertEquals(List.of("A*01:01:01:01", "A*02:01:01:01"), bench.called("S1", "A"));
  }

  @Test
  void anIndexForBothClassesServesOneClassToo() throws Exception {
    Bench bench = bench();
    assertEquals(0, bench.run("1"));
    JsonNode without = bench.typing("S1").get("loci");
    assertEquals(without, lociByIndex(bench, HlaClass.ONE, 1));
    assertEquals(without, lociByIndex(bench, HlaClass.ONE, 1));
  }

  @Test
  void aBuildWithoutANameNeitherReadsNorWritesAnIndex() throws IOException {
    Bench bench = bench();
    assertEquals(Origin.NOT_KEPT, open(bench, Optional.empty()));
    assertFalse(Files.exists(bench.library().resolve("index")));
    assertEquals(Origin.BUILT, open(bench, "unknown"));
    assertEquals(Origin.NOT_KEPT, open(bench, Optional.empty()));
  }

  @Test
  void theDraftOfAProcessOfTheSameNumberElsewhereIsLeftAlone() throws IOException {
    Bench bench = bench();
    assertEquals(Origin.BUILT, open(bench, "one"));
    Path index = index(bench);
    Path draft = index.resolveSibling(index.getFileName() + "." + ProcessHandle.current().pid());
    Files.writeString(draft, "half an index");
    assertEquals(Origin.BUILT, open(bench, "two"));
    assertEquals("half an index", Files.readString(draft));
  }

  @Test
  void anIndexThatCannotTakeItsNameLeavesNoDraft() throws IOException {
    Bench bench = bench();
    assertEquals(Origin.BUILT, open(bench, "one"));
    Path index = index(bench);
    Files.delete(index);
    Files.createDirectories(index.resolve("a folder where the file would be"));
    assertEquals(Origin.NOT_KEPT, open(bench, "one"));
    try (Stream<Path> files = Files.list(index.getParent())) {
      assertEquals(List.of(index), files.toList());
    }
  }

  @Test
  void aDamagedIndexIsBuiltAnew() throws IOException {
    Bench bench = bench();
    assertEquals(Origin.BUILT, open(bench, "one"));
    assertEquals(Origin.READ, open(bench, "one"));
    Path index = index(bench);
    byte[] whole = Files.readAllBytes(index);
    byte[] damaged = whole.clone();
    damaged[damaged.length / 2] ^= 4;
    Files.write(index, damaged);
    assertEquals(Origin.BUILT, open(bench, "one"));
    assertArrayEquals(whole, Files.readAllBytes(index));
    Files.write(index, java.util.Arrays.copyOf(whole, whole.length - 9));
    assertEquals(Origin.BUILT, open(bench, "one"));
    Files.write(index, new byte[3]);
    assertEquals(Origin.BUILT, open(bench, "one"));
  }

  @Test
  void anIndexOfAnotherBuildOrPanelIsNotTaken() throws IOException {
    Bench bench = bench();
    assertEquals(Origin.BUILT, open(bench, "one"));
    assertEquals(Origin.BUILT, open(bench, "two"));
    Path other = world.writePanel(folder.resolve("other.tsv"), "A");
    assertNotEquals(Origin.READ, open(bench.panel(other), "two"));
  }

  @Test
  void aLibraryThatTakesNoFilesIsTypedWithoutAnIndex() throws IOException {
    Bench bench = bench();
    Files.writeString(bench.library().resolve("index"), "a file where the folder would be");
    assertEquals(Origin.NOT_KEPT, open(bench, "one"));
    assertEquals(0, bench.run("all"));
    assertEquals(List.of("B*08:01:01"), bench.called("S1", "B"));
  }
}
