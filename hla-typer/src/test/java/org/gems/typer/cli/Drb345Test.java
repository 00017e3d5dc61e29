package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.Rules;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DRB3, DRB4 and DRB5 as one locus. */
final class Drb345Test {
  @TempDir private Path folder;

  private SyntheticWorld world;
  private Reads reads;

  @BeforeEach
  void makeReadsOfDrb1() {
    world =
        new SyntheticWorld(9)
            .gene("DRB1")
            .allele("DRB1*01:01:01")
            .geneLike("DRB3", "DRB1", 17)
            .allele("DRB3*01:01:01")
            .allele("DRB3*02:02:01", "exon1:31", "exon2:44")
            .geneLike("DRB4", "DRB1", 19)
            .allele("DRB4*01:03:01");
    reads = new Reads(world, 1).allele("DRB1*01:01:01", 200);
  }

  private Bench typed() throws IOException {
    Bench bench = new Bench(folder, world, "DRB1", "DRB3", "DRB4").sample("s", reads);
    assertEquals(0, bench.run("2"));
    return bench;
  }

  @Test
  void absentWhereOnlyDrb1HasReads() throws IOException {
    Bench bench = typed();
    assertEquals("no_drb345", bench.locus("s", "DRB345").get("state").asText());
    assertEquals(List.of("DRB1*01:01:01"), bench.called("s", "DRB1"));
  }

  @Test
  void howOftenASingleAlleleStandsIsOpenWhereDrb1DoesNotTell() throws IOException {
    reads.allele("DRB4*01:03:01", 90);
    Bench bench = typed();
    assertEquals(List.of("DRB4*01:03:01"), bench.called("s", "DRB345"));
    assertEquals("copies_uncertain", bench.locus("s", "DRB345").get("state").asText());
  }

  @Test
  void twoAllelesOfOneGeneAreBothCalled() throws IOException {
    reads.allele("DRB3*01:01:01", 90).allele("DRB3*02:02:01", 90);
    assertEquals(List.of("DRB3*01:01:01", "DRB3*02:02:01"), typed().called("s", "DRB345"));
  }

  @Test
  void twoGenesGiveOneAlleleEach() throws IOException {
    reads.allele("DRB4*01:03:01", 90).allele("DRB3*02:02:01", 90);
    assertEquals(List.of("DRB3*02:02:01", "DRB4*01:03:01"), typed().called("s", "DRB345"));
  }

  @Test
  void aGeneWithFewPairsIsNotCalledAndNotSilent() throws IOException {
    reads.allele("DRB4*01:03:01", 9);
    Bench bench = typed();
    assertEquals("no_drb345", bench.locus("s", "DRB345").get("state").asText());
    assertTrue(bench.flags("s", "DRB345").contains("weak_gene"));
  }

  /** Rules by which an amplicon needs so many pairs to say anything. */
  private String amplicons(int leastPairs) throws IOException {
    return new Rules().with("amplicon_minimum_pairs", leastPairs).option(folder);
  }

  @Test
  void aGeneThatIsThereAndCannotBeNamedIsNamedInAFlagOfTheOthersCall() throws IOException {
    reads.allele("DRB3*02:02:01", 90).allele("DRB4*01:03:01", 50);
    Bench bench = new Bench(folder, world, "DRB1", "DRB3", "DRB4").sample("s", reads);
    assertEquals(0, bench.run("2", amplicons(60)));
    assertEquals(List.of("DRB3*02:02:01"), bench.called("s", "DRB345"));
    JsonNode flag = notTyped(bench);
    assertEquals("DRB4", flag.get("gene").asText());
    assertEquals(100, flag.get("pairs").asInt(), 5);
    assertFalse(bench.locus("s", "DRB345").path("gene_copies").has("DRB4"));
  }

  @Test
  void genesThatAreThereAndCannotBeNamedAreFlaggedWhereNoneCan() throws IOException {
    reads.allele("DRB4*01:03:01", 50);
    Bench bench = new Bench(folder, world, "DRB1", "DRB3", "DRB4").sample("s", reads);
    assertEquals(0, bench.run("2", amplicons(60)));
    assertEquals("no_call", bench.locus("s", "DRB345").get("state").asText());
    assertEquals("DRB4", notTyped(bench).get("gene").asText());
  }

  private static JsonNode notTyped(Bench bench) throws IOException {
    for (JsonNode flag : bench.locus("s", "DRB345").get("flags")) {
      if (flag.get("code").asText().equals("gene_not_typed")) {
        return flag.get("evidence");
      }
    }
    throw new AssertionError("no such flag in " + bench.flags("s", "DRB345"));
  }
}
