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
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What DRB1 leads one to expect of its neighbours, beside what is found. */
final class LinkageTest {
  @TempDir private Path folder;

  private SyntheticWorld world;
  private Reads reads;

  @BeforeEach
  void makeAWorldOfFourGenes() {
    world = Worlds.drAndDq();
    reads = new Reads(world, 1);
  }

  private Bench typed() throws IOException {
    Bench bench = new Bench(folder, world, "DRB1", "DRB3", "DRB4", "DQB1").sample("s", reads);
    assertEquals(0, bench.run("2"));
    return bench;
  }

  private static JsonNode copies(Bench bench) throws IOException {
    return bench.locus("s", "DRB345").get("gene_copies");
  }

  @Test
  void theUsualNeighboursAreCountedAndNotFlagged() throws IOException {
    reads.allele("DRB1*01:01", 100).allele("DRB1*03:01", 100).allele("DRB3*01:01", 100);
    reads.allele("DQB1*02:01", 80).allele("DQB1*05:01", 80);
    Bench bench = typed();
    assertEquals(1, copies(bench).get("DRB3").asInt());
    assertEquals(0, copies(bench).get("DRB4").asInt());
    assertFalse(bench.flags("s", "DRB345").contains("linkage_unusual"));
    assertFalse(bench.flags("s", "DQB1").contains("linkage_unusual"));
  }

  @Test
  void aGeneThatStandsOnBothChromosomesIsToldByItsDepth() throws IOException {
    reads.allele("DRB1*03:01", 200).allele("DRB3*01:01", 200);
    assertEquals(2, copies(typed()).get("DRB3").asInt());
  }

  @Test
  void aDepthThatDoesNotAgreeLeavesTheCopiesOpen() throws IOException {
    reads.allele("DRB1*03:01", 200).allele("DRB3*01:01", 100);
    Bench bench = typed();
    assertFalse(copies(bench).has("DRB3"));
    assertTrue(bench.flags("s", "DRB345").contains("copy_number_uncertain"));
  }

  @Test
  void aMissingNeighbourIsFlaggedAndTheCallStays() throws IOException {
    reads.allele("DRB1*03:01", 100).allele("DRB1*07:01", 100).allele("DRB3*01:01", 100);
    Bench bench = typed();
    assertEquals(List.of("DRB3*01:01"), bench.called("s", "DRB345"));
    for (JsonNode flag : bench.locus("s", "DRB345").get("flags")) {
      if (flag.get("code").asText().equals("linkage_unusual")) {
        assertEquals("DRB3, DRB4", flag.at("/evidence/expected").asText());
        assertEquals("DRB3", flag.at("/evidence/found").asText());
        return;
      }
    }
    throw new AssertionError(bench.flags("s", "DRB345").toString());
  }

  @Test
  void anUnusualPartnerOfDqIsFlaggedAndTheCallStays() throws IOException {
    reads.allele("DRB1*03:01", 200).allele("DQB1*02:01", 80).allele("DQB1*06:02", 80);
    Bench bench = typed();
    assertEquals(List.of("DQB1*02:01", "DQB1*06:02"), bench.called("s", "DQB1"));
    assertTrue(bench.flags("s", "DQB1").contains("linkage_unusual"));
  }
}
