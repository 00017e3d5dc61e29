package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.ShotgunReads;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Genes that share long stretches, without a panel: each is called from its own reads. */
final class RelatedGenesTest {
  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);

  @TempDir private Path folder;

  /**
   * B and C are alike over half of their reads. B's second allele differs from the first in one
   * base, in which it is as C.
   */
  private static SyntheticWorld alike(int everyBp) {
    return new SyntheticWorld(31)
        .gene("B")
        .allele("B*01:01")
        .allele("B*02:01", "exon2:70")
        .allele("B*03:01", "exon1:30", "exon2:40")
        .geneLike("C", "B", everyBp)
        .allele("C*01:01", "exon2:70")
        .allele("C*02:01", "exon1:60", "exon2:70");
  }

  private Bench typed(SyntheticWorld world, ShotgunReads reads) throws IOException {
    Bench bench = new Bench(folder, world).panel(Path.of("none")).sample("s", reads.reads());
    assertEquals(0, bench.run("1"));
    return bench;
  }

  private static ShotgunReads reads(SyntheticWorld world, int seed, String... alleles) {
    ShotgunReads reads = new ShotgunReads(world, seed);
    for (String allele : alleles) {
      reads.from(world.bases(allele, WHOLE), 120);
    }
    return reads;
  }

  @ParameterizedTest
  @CsvSource({
    "145, B*01:01", "145, B*02:01", "145, B*03:01",
    "135, B*01:01", "135, B*02:01", "135, B*03:01"
  })
  void aGeneThatTheSampleLacksTakesNoReadsOfItsLike(int everyBp, String allele) throws IOException {
    SyntheticWorld world = alike(everyBp);
    Bench bench = typed(world, reads(world, 1, allele));
    assertEquals(List.of(allele), bench.called("s", "B"));
    assertEquals("homozygous", bench.state("s", "B"));
    assertEquals("[]", bench.locus("s", "B").get("flags").toString());
    assertEquals("no_call", bench.state("s", "C"));
    assertEquals(0, bench.lost("s", "ambiguous_gene"));
  }

  @ParameterizedTest
  @CsvSource({
    "145, B*01:01, B*02:01", "145, B*02:01, B*03:01", "145, B*01:01, B*03:01",
    "135, B*01:01, B*02:01", "135, B*02:01, B*03:01", "135, B*01:01, B*03:01"
  })
  void anAlleleThatDiffersWhereItIsAsTheAbsentGeneIsCalledBesideAnother(
      int everyBp, String one, String two) throws IOException {
    SyntheticWorld world = alike(everyBp);
    Bench bench = typed(world, reads(world, 2, one, two));
    assertEquals(List.of(one, two), bench.called("s", "B"));
    assertEquals(0.5, bench.locus("s", "B").at("/alleles/0/share").asDouble(), 0.12);
    assertEquals("[]", bench.locus("s", "B").get("flags").toString());
    assertEquals("no_call", bench.state("s", "C"));
    assertEquals(0, bench.lost("s", "ambiguous_gene"));
  }

  @ParameterizedTest
  @CsvSource({
    "45, B*01:01, C*01:01", "45, B*02:01, C*01:01", "45, B*03:01, C*02:01",
    "60, B*01:01, C*01:01", "60, B*02:01, C*02:01", "60, B*03:01, C*01:01"
  })
  void aRelatedGeneThatIsThereKeepsItsOwnReads(int everyBp, String ofB, String ofC)
      throws IOException {
    SyntheticWorld world = alike(everyBp);
    Bench bench = typed(world, reads(world, 3, ofB, ofC));
    assertEquals(List.of(ofB), bench.called("s", "B"));
    assertEquals(List.of(ofC), bench.called("s", "C"));
    assertEquals("[]", bench.locus("s", "B").get("flags").toString());
    assertEquals("[]", bench.locus("s", "C").get("flags").toString());
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5, 6})
  void twoGenesOfTwoAllelesEachAreToldApart(int seed) throws IOException {
    SyntheticWorld world = alike(45);
    Bench bench = typed(world, reads(world, seed, "B*01:01", "B*03:01", "C*01:01", "C*02:01"));
    assertEquals(List.of("B*01:01", "B*03:01"), bench.called("s", "B"));
    assertEquals(List.of("C*01:01", "C*02:01"), bench.called("s", "C"));
  }

  private static SyntheticWorld geneA() {
    return new SyntheticWorld(7)
        .gene("A")
        .allele("A*01:01")
        .allele("A*02:01", "exon1:30", "exon2:50")
        .allele("A*03:01", "exon1:70", "exon2:90");
  }

  private static SyntheticWorld withH(int everyBp) {
    return geneA().geneLike("H", "A", everyBp).allele("H*01:01");
  }

  private static ShotgunReads ofAAndH(int everyBp, int pairsOfH) {
    SyntheticWorld nature = withH(everyBp);
    ShotgunReads reads = reads(nature, 8, "A*02:01", "A*03:01");
    return reads.from(nature.bases("H*01:01", WHOLE), pairsOfH);
  }

  @ParameterizedTest
  @CsvSource({"70, 150", "70, 300", "90, 100", "90, 200", "110, 90", "110, 200"})
  void aGeneIsNotCalledWhereItsRelativesReadsAreThereAndTheLibraryLacksThem(
      int everyBp, int pairsOfH) throws IOException {
    Bench bench = typed(geneA(), ofAAndH(everyBp, pairsOfH));
    assertEquals("no_call", bench.state("s", "A"));
    assertEquals(List.of("relatives_not_in_library"), bench.flags("s", "A"));
    JsonNode evidence = bench.evidence("s", "A", "relatives_not_in_library");
    assertEquals("H", evidence.get("lacking").asText());
    assertEquals("", bench.locus("s", "A").get("gl_string").asText());
    String message =
        Bench.flag(bench.locus("s", "A"), "relatives_not_in_library").get("message").asText();
    assertTrue(message.contains("gems reference build"), message);
  }

  @ParameterizedTest
  @CsvSource({"70, 0", "70, 300", "90, 200", "110, 0", "110, 200"})
  void itIsCalledWithTheRelativeInTheLibrary(int everyBp, int pairsOfH) throws IOException {
    Bench bench = typed(withH(everyBp), ofAAndH(everyBp, pairsOfH));
    assertEquals(List.of("A*02:01", "A*03:01"), bench.called("s", "A"));
    assertEquals("[]", bench.locus("s", "A").get("flags").toString());
  }

  @Test
  void itIsCalledWithoutReadsOfTheRelative() throws IOException {
    Bench bench = typed(geneA(), ofAAndH(90, 0));
    assertEquals(List.of("A*02:01", "A*03:01"), bench.called("s", "A"));
    assertEquals("[]", bench.locus("s", "A").get("flags").toString());
  }
}
