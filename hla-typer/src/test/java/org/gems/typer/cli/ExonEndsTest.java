package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

/** Reads over the ends of exons, and over the ends of their own fragments, without a panel. */
final class ExonEndsTest {
  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);
  private static final String ONE = "B*02:01";
  private static final String TWO = "B*03:01";

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return world(2);
  }

  private static SyntheticWorld world(int seed) {
    return new SyntheticWorld(seed)
        .gene("B")
        .allele("B*01:01")
        .allele(ONE, "exon1:30", "exon2:50")
        .allele(TWO, "exon1:70", "exon2:90");
  }

  private Bench typed(SyntheticWorld world, ShotgunReads reads) throws IOException {
    Bench bench = new Bench(folder, world).panel(Path.of("none")).sample("s", reads.reads());
    assertEquals(0, bench.run("1"));
    return bench;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void fragmentsThatSkipAnIntronAreLaidOnBothExonsAndUsed(int seed) throws IOException {
    SyntheticWorld world = world(seed);
    ShotgunReads reads = new ShotgunReads(world, seed);
    reads.reads().tail(150, 20);
    reads.from(world.bases(ONE, "exon1", "exon2"), 60).from(world.bases(TWO, "exon1", "exon2"), 60);
    Bench bench = typed(world, reads);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertEquals(0, bench.lost("s", "no_allele_within_tolerance"));
    assertEquals(120, bench.typing("s").at("/reads/used_pairs").asInt());
    assertEquals("[]", bench.locus("s", "B").get("flags").toString());
    assertEquals("exon2", bench.locus("s", "B").at("/links/0/to").asText());
  }

  @ParameterizedTest
  @CsvSource({"G", "CA", "TGC", "ACGT", "GGATCC", "ACCGATTGACCA"})
  void anAlleleWithMoreBasesAtAnExonsEndIsNotCalledFromReadsThatRunOn(String more)
      throws IOException {
    for (String exon : List.of("exon1", "exon2")) {
      SyntheticWorld world = world().allele("B*01:77").allele("B*02:77", "exon1:30", "exon2:50");
      int length = world.bases(ONE, exon).length();
      world.insertion("B*01:77", exon, length, more).insertion("B*02:77", exon, length, "T" + more);
      ShotgunReads reads = new ShotgunReads(world, 4).from(world.bases(ONE, WHOLE), 120);
      assertEquals(List.of(ONE), typed(world, reads).called("s", "B"));
      reads.from(world.bases(TWO, WHOLE), 120);
      assertEquals(List.of(ONE, TWO), typed(world, reads).called("s", "B"));
    }
  }

  @ParameterizedTest
  @CsvSource({"G", "CA", "TGC", "ACGT", "GGATCC", "ACCGATTGACCA"})
  void anAlleleWithMoreBasesAtAnExonsEndIsCalledFromItsOwnReads(String more) throws IOException {
    SyntheticWorld world = world().allele("B*02:77", "exon1:30", "exon2:50");
    world.insertion("B*02:77", "exon1", 150, more);
    ShotgunReads reads = new ShotgunReads(world, 5).from(world.bases("B*02:77", WHOLE), 120);
    assertEquals(List.of("B*02:77"), typed(world, reads).called("s", "B"));
    reads.from(world.bases(TWO, WHOLE), 120);
    assertEquals(List.of("B*02:77", TWO), typed(world, reads).called("s", "B"));
  }

  @ParameterizedTest
  @CsvSource({
    "exon1, 0",
    "exon1, 1",
    "exon1, 4",
    "exon1, 145",
    "exon1, 148",
    "exon1, 149",
    "exon2, 0",
    "exon2, 2",
    "exon2, 5",
    "exon2, 136",
    "exon2, 139"
  })
  void aNewBaseAtAnExonsVeryEndIsFound(String exon, int at) throws IOException {
    SyntheticWorld nature = world().allele("B*80:99", "exon1:30", "exon2:50", exon + ":" + at);
    ShotgunReads reads =
        new ShotgunReads(nature, 6)
            .from(nature.bases("B*80:99", WHOLE), 140)
            .from(nature.bases(TWO, WHOLE), 140);
    Bench bench = typed(world(), reads);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    JsonNode evidence = bench.evidence("s", "B", "possible_new_allele");
    assertEquals(exon, evidence.get("feature").asText());
    assertEquals(at + 1, evidence.get("position").asInt());
    assertEquals(ONE, evidence.get("allele").asText());
  }

  @ParameterizedTest
  @CsvSource({"144, 0", "146, 0", "149, 0", "144, 60", "147, 60", "149, 100"})
  void aNewBaseThatOnlyTheLastBasesOfReadsShowIsFound(int last, int fewer) throws IOException {
    SyntheticWorld nature = world().allele("B*01:99", "exon2:70");
    String whole = nature.bases("B*01:99", WHOLE);
    int at = 430 + 70;
    ShotgunReads reads = new ShotgunReads(nature, 7);
    reads.reads().tail(150, 20);
    // The new base is the last but a few of each read; no mate reaches it.
    for (int shift = 0; shift < 12; shift++) {
      int from = at - last + (shift % (150 - last));
      reads.reads().ends(whole.substring(from, from + 150), end(whole, 690 - fewer), 5);
    }
    reads.reads().ends(whole.substring(120, 270), end(whole, 470), 60);
    Bench bench = typed(world(), reads);
    assertEquals(List.of("B*01:01"), bench.called("s", "B"));
    JsonNode evidence = bench.evidence("s", "B", "possible_new_allele");
    assertEquals("exon2", evidence.get("feature").asText());
    assertEquals(71, evidence.get("position").asInt());
  }

  /** The read of the other strand of which the first base is the last one before a place. */
  private static String end(String gene, int before) {
    return SyntheticWorld.reverseComplement(gene.substring(before - 100, before));
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 90, 120})
  void whatFollowsAShortFragmentIsNoBaseOfTheGene(int longest) throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads = new ShotgunReads(world, 8).lengths(50, longest);
    String adapter = SyntheticWorld.strange(77, 100);
    for (String allele : List.of(ONE, TWO)) {
      reads.withAdapter(world.bases(allele, WHOLE), adapter, 400);
    }
    Bench bench = typed(world, reads);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertEquals("heterozygous", bench.state("s", "B"));
    assertFalse(bench.flags("s", "B").contains("possible_new_allele"));
    assertFalse(bench.flags("s", "B").contains("stray_pairs"));
  }

  @Test
  void aPrimerBehindTheMatesBeginningIsNoBaseOfTheGene() throws IOException {
    SyntheticWorld nature = world().allele("B*01:99", "exon2:105", "exon2:110");
    SyntheticWorld world = world();
    // A primer of other bases than the patient's lies over bases 100 to 119 of exon 2.
    String fragment = nature.bases("B*01:99", WHOLE).substring(400, 430 + 120);
    ShotgunReads reads = new ShotgunReads(world, 9).from(world.bases("B*01:01", WHOLE), 40);
    reads.reads().throughFragment(fragment, 20, 60);
    Bench bench = typed(world, reads);
    assertEquals(List.of("B*01:01"), bench.called("s", "B"));
    assertEquals("[]", bench.locus("s", "B").get("flags").toString());
    JsonNode depth = bench.locus("s", "B").at("/coverage/1/depth");
    assertTrue(depth.get(98).asInt() >= 60, depth.toString());
    assertTrue(depth.get(102).asInt() < 40, depth.toString());
    assertTrue(depth.get(118).asInt() < 40, depth.toString());
  }
}
