package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.ShotgunReads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Insertions and deletions in reads from anywhere in the genes, without a panel. */
final class WholeGeneGapTest {
  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);
  private static final String ONE = "A*02:01:01:01";
  private static final String TWO = "A*03:01:01:01";

  @TempDir private Path folder;

  private Bench typed(SyntheticWorld world, String one, String two, int pairs) throws IOException {
    ShotgunReads reads = new ShotgunReads(world, 3).from(one, pairs).from(two, pairs);
    Bench bench = new Bench(folder, world).panel(Path.of("none")).sample("s", reads.reads());
    assertEquals(0, bench.run("1"));
    return bench;
  }

  private static JsonNode newAllele(Bench bench) throws IOException {
    JsonNode locus = bench.locus("s", "A");
    return Bench.flag(locus, "possible_new_allele").get("evidence");
  }

  /** A gene with bases of exon 1 taken away and others put in. */
  private static String changed(SyntheticWorld world, int at, int missing, String more) {
    String exon = world.bases(ONE, "exon1");
    String changed = exon.substring(0, at) + more + exon.substring(at + missing);
    return world.bases(ONE, WHOLE).replace(exon, changed);
  }

  @ParameterizedTest
  @CsvSource({"0, C", "0, GA", "0, TTCAG", "0, ACGATCGATTTACGGATTCA", "1, ''", "3, ''", "20, ''"})
  void newBasesAndMissingOnesOfAnExonAreNamedWithTheirPlace(int missing, String more)
      throws IOException {
    for (int at : new int[] {12, 52, 100, 120}) {
      SyntheticWorld world = Worlds.geneA();
      Path own = folder.resolve("at" + at);
      Files.createDirectories(own);
      String exon = world.bases(ONE, "exon1");
      ShotgunReads reads =
          new ShotgunReads(world, at)
              .from(changed(world, at, missing, more), 60)
              .from(world.bases(TWO, WHOLE), 60);
      Bench bench = new Bench(own, world).panel(Path.of("none")).sample("s", reads.reads());
      assertEquals(0, bench.run("1"));
      assertEquals(List.of(ONE, TWO), bench.called("s", "A"), "at " + at);
      JsonNode evidence = newAllele(bench);
      assertEquals(ONE, evidence.get("allele").asText());
      assertEquals("exon1", evidence.get("feature").asText());
      int position = evidence.get("position").asInt() - 1;
      String old = evidence.get("old_base").asText().replace(".", "");
      String fresh = evidence.get("new_base").asText().replace(".", "");
      assertEquals(missing, old.length());
      assertEquals(more.length(), fresh.length());
      String told = exon.substring(0, position) + fresh + exon.substring(position + missing);
      String made = exon.substring(0, at) + more + exon.substring(at + missing);
      assertEquals(made, told, "at " + at);
      String fasta = Files.readString(bench.out().resolve("s/unexplained.fasta"));
      assertTrue(fasta.contains("\n" + made + "\n"), fasta);
    }
  }

  @Test
  void aGapIsToldInTheLastPlaceThatEqualBasesAllow() throws IOException {
    SyntheticWorld world = Worlds.geneA();
    String exon = world.bases(ONE, "exon1");
    int at = 60;
    while (exon.charAt(at) != exon.charAt(at + 1)) {
      at++;
    }
    int last = at;
    while (exon.charAt(last) == exon.charAt(last + 1)) {
      last++;
    }
    Bench bench = typed(world, changed(world, at, 1, ""), world.bases(TWO, WHOLE), 60);
    assertEquals(last + 1, newAllele(bench).get("position").asInt());
  }

  /** In a run of equal bases k-mers of other alleles fit on either side. */
  @ParameterizedTest
  @ValueSource(strings = {"C", "CC", "GATTA", "CTGCATTGACCA"})
  void anAlleleOfTheReleaseWithMoreBasesIsCalledByName(String more) throws IOException {
    String longer = "A*05:01:01:01";
    SyntheticWorld world = Worlds.geneA().allele(longer, "exon1:30", "exon2:50");
    world.insertion(longer, "exon1", 4, more);
    Bench bench = typed(world, world.bases(longer, WHOLE), world.bases(TWO, WHOLE), 60);
    assertEquals(List.of(TWO, longer), bench.called("s", "A"));
    assertFalse(bench.flags("s", "A").contains("possible_new_allele"));
    Path other = folder.resolve("other");
    Files.createDirectories(other);
    ShotgunReads reads =
        new ShotgunReads(world, 5)
            .from(world.bases(ONE, WHOLE), 60)
            .from(world.bases(TWO, WHOLE), 60);
    Bench without = new Bench(other, world).panel(Path.of("none")).sample("s", reads.reads());
    assertEquals(0, without.run("1"));
    assertEquals(List.of(ONE, TWO), without.called("s", "A"));
    assertFalse(without.flags("s", "A").contains("possible_new_allele"));
  }

  @Test
  void aNewGapOfFewPairsIsNoAllele() throws IOException {
    SyntheticWorld world = Worlds.geneA();
    ShotgunReads reads =
        new ShotgunReads(world, 3)
            .from(world.bases(ONE, WHOLE), 100)
            .from(world.bases(TWO, WHOLE), 100)
            .from(changed(world, 52, 1, ""), 5);
    Bench bench = new Bench(folder, world).panel(Path.of("none")).sample("s", reads.reads());
    assertEquals(0, bench.run("1"));
    assertFalse(bench.flags("s", "A").contains("possible_new_allele"));
  }

  @Test
  void singleReadsAndMessagesShowNewGapsToo() throws IOException {
    SyntheticWorld world = Worlds.geneA();
    String exon = world.bases(ONE, "exon1");
    String message = world.bases(ONE, "exon1", "exon2");
    String shorter = exon.substring(0, 60) + exon.substring(63);
    ShotgunReads reads =
        new ShotgunReads(world, 3)
            .from(message.replace(exon, shorter), 80)
            .from(world.bases(TWO, "exon1", "exon2"), 80);
    Bench bench = new Bench(folder, world).panel(Path.of("none")).singleReads("s", reads.reads());
    assertEquals(0, bench.run("1"));
    assertEquals(3, newAllele(bench).get("old_base").asText().length());
  }
}
