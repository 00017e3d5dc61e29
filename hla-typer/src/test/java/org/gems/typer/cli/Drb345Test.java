package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
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
    assertEquals("absent", bench.locus("s", "DRB345").get("state").asText());
    assertEquals(List.of("DRB1*01:01:01"), bench.called("s", "DRB1"));
  }

  @Test
  void oneGenesSingleAlleleIsHomozygous() throws IOException {
    reads.allele("DRB4*01:03:01", 90);
    Bench bench = typed();
    assertEquals(List.of("DRB4*01:03:01"), bench.called("s", "DRB345"));
    assertEquals("homozygous", bench.locus("s", "DRB345").get("state").asText());
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
    assertEquals("absent", bench.locus("s", "DRB345").get("state").asText());
    assertTrue(bench.flags("s", "DRB345").contains("weak_gene"));
  }
}
