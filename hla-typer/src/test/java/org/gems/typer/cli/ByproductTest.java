package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a panel's primers make beside the patient's alleles: of each other, and of strange places.
 * Some alleles of the release have next to nothing between two primers, as a dimer has.
 */
final class ByproductTest {
  private static final String ONE = "A*02:01:01:01";
  private static final String TWO = "A*03:01:01:01";
  private static final int PAIRS = 100;

  @TempDir private Path folder;

  /**
   * Each common allele has a null that is like it but for exon 1, which it lacks with its flanks.
   */
  private static SyntheticWorld world() {
    return Worlds.geneA()
        .allele("A*01:77N", "5UTR:80-119", "exon1:0-149", "intron1:0-39")
        .allele("A*02:77N", "5UTR:80-119", "exon1:0-149", "intron1:0-39", "exon2:50")
        .allele("A*02:78N", "5UTR:90-119", "exon1:0-149", "intron1:0-39", "exon2:50")
        .allele("A*03:77N", "5UTR:80-119", "exon1:0-149", "intron1:0-29", "exon2:90");
  }

  private Bench typed(SyntheticWorld world, Reads reads) throws IOException {
    Bench bench = new Bench(folder, world, "A").sample("s", reads);
    assertEquals(0, bench.run("1"));
    return bench;
  }

  /** A person's reads, and dimers of either amplicon, so many of a hundred pairs. */
  private static Reads withDimers(Reads reads, SyntheticWorld world, int percent, String tail) {
    for (int exon = 1; exon <= 2; exon++) {
      for (int i = 0; i < percent * 2 * PAIRS / 100; i++) {
        String between = SyntheticWorld.strange(exon * 1000L + i, i % 6);
        reads.pastFragment(world.dimer("A", exon, between), tail, tail, 1);
      }
    }
    return reads;
  }

  private static String adapter(int bases) {
    return SyntheticWorld.strange(99, bases);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0",
    "5, 0, 0",
    "20, 0, 0",
    "1, 110, 0",
    "10, 110, 0",
    "20, 110, 0",
    "5, 30, 80",
    "20, 30, 80",
    "5, 0, 110",
    "20, 0, 110"
  })
  void dimersAreTooShortAndNoAlleleOfNoProduct(int percent, int adapterBp, int darkBp)
      throws IOException {
    SyntheticWorld world = world();
    Reads reads = new Reads(world, percent).allele(ONE, 2 * PAIRS);
    withDimers(reads, world, percent, adapter(adapterBp) + "G".repeat(darkBp));
    Bench bench = typed(world, reads);
    assertEquals(List.of(ONE), bench.called("s", "A"));
    assertEquals("homozygous", bench.state("s", "A"));
    assertEquals("[]", bench.locus("s", "A").get("flags").toString());
    assertEquals(percent * 2 * PAIRS / 100 * 2, bench.lost("s", "too_short"));
    assertEquals(4 * PAIRS, bench.typing("s").at("/reads/used_pairs").asInt());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 10, 20})
  void dimersBesideTwoAllelesChangeNothing(int percent) throws IOException {
    SyntheticWorld world = world();
    Reads reads = new Reads(world, percent).allele(ONE, PAIRS).allele(TWO, PAIRS);
    Bench bench = typed(world, withDimers(reads, world, percent, adapter(110)));
    assertEquals(List.of(ONE, TWO), bench.called("s", "A"));
    assertEquals("[]", bench.locus("s", "A").get("flags").toString());
    assertFalse(bench.locus("s", "A").get("gl_string").asText().contains("N"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void misprimedProductsAreOfNoAllele(int seed) throws IOException {
    SyntheticWorld world = world();
    Reads reads = new Reads(world, seed).allele(ONE, PAIRS).allele(TWO, PAIRS);
    Random random = new Random(seed);
    int tooShort = 0;
    int strange = 0;
    for (int i = 0; i < 80; i++) {
      int between = 20 + random.nextInt(181);
      String insert = SyntheticWorld.strange(seed * 100L + i, between);
      String product = world.dimer("A", 1 + i % 2, insert);
      reads.pastFragment(product, adapter(40) + "G".repeat(90), adapter(40) + "G".repeat(90), 1);
      tooShort += between <= 30 ? 1 : 0;
      strange += between > 30 ? 1 : 0;
    }
    Bench bench = typed(world, reads);
    assertEquals(List.of(ONE, TWO), bench.called("s", "A"));
    assertEquals("[]", bench.locus("s", "A").get("flags").toString());
    assertEquals(tooShort, bench.lost("s", "too_short"));
    assertEquals(strange, bench.lost("s", "no_allele_within_tolerance"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"A*02:77N", "A*02:78N", "A*03:77N", "A*01:77N"})
  void anAlleleWithoutProductIsNeverNamedFromTheAmpliconThatItHas(String silent)
      throws IOException {
    SyntheticWorld world = world();
    Reads reads = new Reads(world, 5).allele(TWO, PAIRS).exon(silent, 2, PAIRS);
    Bench bench = typed(world, withDimers(reads, world, 20, adapter(110)));
    assertFalse(bench.called("s", "A").contains(silent));
    assertTrue(bench.called("s", "A").contains(TWO));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 60, 100})
  void aTailOfGIsNoPartOfARead(int darkBp) throws IOException {
    SyntheticWorld world = world();
    Reads reads = new Reads(world, darkBp);
    for (String allele : List.of(ONE, TWO)) {
      for (int exon = 1; exon <= 2; exon++) {
        String amplicon = world.amplicon(allele, exon);
        String other = SyntheticWorld.reverseComplement(amplicon);
        int lit = 150 - darkBp;
        reads.exon(allele, exon, PAIRS);
        reads.ends(
            amplicon.substring(0, lit) + "G".repeat(darkBp),
            other.substring(0, lit) + "G".repeat(darkBp),
            PAIRS / 4);
      }
    }
    Bench bench = typed(world, reads);
    assertEquals(List.of(ONE, TWO), bench.called("s", "A"));
    assertEquals("[]", bench.locus("s", "A").get("flags").toString());
    assertEquals(0, bench.lost("s", "no_allele_within_tolerance"));
  }
}
