package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Donor;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Way;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** DRB3, DRB4 and DRB5 beside DRB1, and what linkage says, with a panel and without. */
final class SameDrb345Test {
  @TempDir private Path folder;

  private final SyntheticWorld world =
      Worlds.drAndDq().geneLike("DRB5", "DRB1", 23).allele("DRB5*01:01");

  private Bench typed(Way way, Donor donor) throws IOException {
    Bench bench = way.bench(folder, world, "DRB1", "DRB3", "DRB4", "DRB5", "DQB1");
    assertEquals(0, bench.sample("s", donor.reads()).run("2"));
    return bench;
  }

  private static JsonNode copies(Bench bench) throws IOException {
    return bench.locus("s", "DRB345").path("gene_copies");
  }

  @ParameterizedTest
  @EnumSource
  void noneOfThemIsThereBesideAnAlleleThatHasNone(Way way) throws IOException {
    Bench bench = typed(way, way.donor(world, 1).allele("DRB1*01:01", 200));
    assertEquals("no_drb345", bench.state("s", "DRB345"));
    assertEquals(List.of("no_drb345"), bench.sharedFlags("s", "DRB345"));
    assertEquals("{\"DRB3\":0,\"DRB4\":0,\"DRB5\":0}", copies(bench).toString());
    assertEquals(List.of("DRB1*01:01"), bench.called("s", "DRB1"));
    assertEquals(List.of(), bench.sharedFlags("s", "DRB1"));
  }

  @ParameterizedTest
  @EnumSource
  void oneCopyIsCountedBesideOneAlleleThatAsksForIt(Way way) throws IOException {
    Donor donor = way.donor(world, 2).allele("DRB1*01:01", 100).allele("DRB1*03:01", 100);
    Bench bench = typed(way, donor.allele("DRB3*02:02", 100));
    assertEquals("single_copy", bench.state("s", "DRB345"));
    assertEquals("DRB3*02:02", bench.locus("s", "DRB345").get("gl_string").asText());
    assertEquals(List.of("DRB3*02:02"), bench.called("s", "DRB345"));
    assertEquals(List.of(), bench.sharedFlags("s", "DRB345"));
    assertEquals("{\"DRB3\":1,\"DRB4\":0,\"DRB5\":0}", copies(bench).toString());
  }

  @ParameterizedTest
  @EnumSource
  void twoCopiesOfOneAlleleAreCountedByTheirDepth(Way way) throws IOException {
    Donor donor = way.donor(world, 3).allele("DRB1*03:01", 150).allele("DRB3*01:01", 150);
    Bench bench = typed(way, donor);
    assertEquals(List.of("DRB3*01:01"), bench.called("s", "DRB345"));
    assertEquals("homozygous", bench.state("s", "DRB345"));
    assertEquals("DRB3*01:01+DRB3*01:01", bench.locus("s", "DRB345").get("gl_string").asText());
    assertEquals(List.of(), bench.sharedFlags("s", "DRB345"));
    assertEquals("{\"DRB3\":2,\"DRB4\":0,\"DRB5\":0}", copies(bench).toString());
  }

  @ParameterizedTest
  @EnumSource
  void aDepthThatDoesNotAgreeLeavesTheCopiesOpen(Way way) throws IOException {
    Donor donor = way.donor(world, 4).allele("DRB1*03:01", 200).allele("DRB3*01:01", 100);
    Bench bench = typed(way, donor);
    assertFalse(copies(bench).has("DRB3"));
    assertEquals("copies_uncertain", bench.state("s", "DRB345"));
    assertEquals(List.of("copy_number_uncertain"), bench.sharedFlags("s", "DRB345"));
  }

  @ParameterizedTest
  @EnumSource
  void twoGenesGiveOneAlleleEach(Way way) throws IOException {
    Donor donor = way.donor(world, 5).allele("DRB1*03:01", 90).allele("DRB1*07:01", 90);
    Bench bench = typed(way, donor.allele("DRB3*02:02", 90).allele("DRB4*01:03", 90));
    assertEquals("heterozygous", bench.state("s", "DRB345"));
    assertEquals(List.of("DRB3*02:02", "DRB4*01:03"), bench.called("s", "DRB345"));
    assertEquals(List.of(), bench.sharedFlags("s", "DRB345"));
    assertEquals("{\"DRB3\":1,\"DRB4\":1,\"DRB5\":0}", copies(bench).toString());
    assertEquals(0.5, bench.locus("s", "DRB345").at("/alleles/1/share").asDouble());
    String possible = bench.locus("s", "DRB345").get("gl_string").asText();
    assertEquals("DRB3*02:02+DRB4*01:03", possible);
  }

  @ParameterizedTest
  @EnumSource
  void twoAllelesOfOneGeneAreBothCalled(Way way) throws IOException {
    Donor donor = way.donor(world, 6).allele("DRB1*03:01", 180);
    Bench bench = typed(way, donor.allele("DRB3*01:01", 90).allele("DRB3*02:02", 90));
    assertEquals("heterozygous", bench.state("s", "DRB345"));
    assertEquals(List.of("DRB3*01:01", "DRB3*02:02"), bench.called("s", "DRB345"));
    assertEquals(List.of(), bench.sharedFlags("s", "DRB345"));
    assertEquals("{\"DRB3\":2,\"DRB4\":0,\"DRB5\":0}", copies(bench).toString());
  }

  @ParameterizedTest
  @EnumSource
  void threeGenesAreMoreThanTwoChromosomesCarry(Way way) throws IOException {
    Donor donor = way.donor(world, 7).allele("DRB1*03:01", 100).allele("DRB1*07:01", 100);
    donor.allele("DRB3*01:01", 100).allele("DRB4*01:03", 90).allele("DRB5*01:01", 50);
    Bench bench = typed(way, donor);
    assertEquals(List.of("DRB3*01:01", "DRB4*01:03"), bench.called("s", "DRB345"));
    assertEquals(List.of("more_than_two_genes"), bench.sharedFlags("s", "DRB345"));
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 10", "NONE, 10", "PANEL, 14", "NONE, 14"})
  void aGeneOfFewReadsBesideDrb1IsNotCalledAndNotSilent(Way way, int depth) throws IOException {
    Donor donor = way.donor(world, 8).allele("DRB1*01:01", 200).allele("DRB4*01:03", depth);
    Bench bench = typed(way, donor);
    assertEquals("no_drb345", bench.state("s", "DRB345"));
    assertEquals(List.of("no_drb345", "weak_gene"), bench.sharedFlags("s", "DRB345"));
    assertEquals("DRB4", bench.evidence("s", "DRB345", "weak_gene").get("gene").asText());
  }

  @ParameterizedTest
  @EnumSource
  void aMissingNeighbourIsFlaggedAndTheCallStays(Way way) throws IOException {
    Donor donor = way.donor(world, 9).allele("DRB1*03:01", 100).allele("DRB1*07:01", 100);
    Bench bench = typed(way, donor.allele("DRB3*01:01", 100));
    assertEquals(List.of("DRB3*01:01"), bench.called("s", "DRB345"));
    assertEquals(List.of("linkage_unusual"), bench.sharedFlags("s", "DRB345"));
    JsonNode evidence = bench.evidence("s", "DRB345", "linkage_unusual");
    assertEquals("DRB3, DRB4", evidence.get("expected").asText());
    assertEquals("DRB3", evidence.get("found").asText());
  }

  @ParameterizedTest
  @EnumSource
  void anUnusualPartnerOfDqIsFlaggedAndAUsualOneIsNot(Way way) throws IOException {
    Donor usual = way.donor(world, 10).allele("DRB1*03:01", 100).allele("DRB1*01:01", 100);
    usual.allele("DQB1*02:01", 80).allele("DQB1*05:01", 80);
    Bench bench = typed(way, usual);
    assertEquals(List.of("DQB1*02:01", "DQB1*05:01"), bench.called("s", "DQB1"));
    assertEquals(List.of(), bench.sharedFlags("s", "DQB1"));
    Donor unusual = way.donor(world, 11).allele("DRB1*03:01", 200);
    bench = typed(way, unusual.allele("DQB1*02:01", 80).allele("DQB1*06:02", 80));
    assertEquals(List.of("DQB1*02:01", "DQB1*06:02"), bench.called("s", "DQB1"));
    assertEquals(List.of("linkage_unusual"), bench.sharedFlags("s", "DQB1"));
    assertTrue(bench.sharedFlags("s", "DRB345").contains("linkage_unusual"));
  }
}
