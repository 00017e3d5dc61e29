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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the typer says where the reads leave something open. */
final class DoubtTest {
  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return Worlds.geneA();
  }

  private Bench typed(SyntheticWorld world, Reads reads) throws IOException {
    Bench bench = new Bench(folder, world, "A").sample("s", reads);
    assertEquals(0, bench.run("1"));
    return bench;
  }

  private static JsonNode flag(Bench bench, String code) throws IOException {
    for (JsonNode flag : bench.locus("s", "A").get("flags")) {
      if (flag.get("code").asText().equals(code)) {
        return flag.get("evidence");
      }
    }
    throw new AssertionError("no flag " + code + " in " + bench.flags("s", "A"));
  }

  @Test
  void exonsThatNoReadLinksMayBelongToAnotherPair() throws IOException {
    SyntheticWorld swapped =
        world().allele("A*04:01", "exon1:30", "exon2:90").allele("A*05:01", "exon1:70", "exon2:50");
    Reads reads = new Reads(swapped, 4).allele("A*02:01:01:01", 60).allele("A*03:01:01:01", 60);
    Bench bench = typed(swapped, reads);
    assertEquals("A*04:01 + A*05:01", flag(bench, "other_pair_as_likely").get("alleles").asText());
  }

  @Test
  void allelesThatEachMayStandForTheirOwnAreNoOtherPair() throws IOException {
    SyntheticWorld open =
        world()
            .allele("A*02:01:01:02", "exon1:30", "exon2:*")
            .allele("A*03:01:01:02", "exon1:70", "exon2:*");
    Reads reads = new Reads(open, 4).allele("A*02:01:01:01", 60).allele("A*03:01:01:01", 60);
    Bench bench = typed(open, reads);
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    assertFalse(bench.flags("s", "A").contains("other_pair_as_likely"));
  }

  @Test
  void aNewAlleleIsToldByGeneExonPositionAndBase() throws IOException {
    SyntheticWorld nature = world().allele("A*99:99", "exon1:30", "exon2:50", "exon2:100");
    String before = nature.amplicon("A*02:01:01:01", 2);
    String after = nature.amplicon("A*99:99", 2);
    Bench bench =
        typed(world(), new Reads(nature, 1).allele("A*99:99", 60).allele("A*03:01:01:01", 60));
    JsonNode evidence = flag(bench, "possible_new_allele");
    assertEquals("A", evidence.get("gene").asText());
    assertEquals("exon2", evidence.get("feature").asText());
    assertEquals(101, evidence.get("position").asInt());
    assertEquals(before.charAt(160), evidence.get("old_base").asText().charAt(0));
    assertEquals(after.charAt(160), evidence.get("new_base").asText().charAt(0));
    assertEquals("A*02:01:01:01", evidence.get("allele").asText());
  }

  @Test
  void anErrorOfTheFirstCyclesIsNoNewAllele() throws IOException {
    SyntheticWorld nature = world().allele("A*99:99", "exon1:30", "exon2:50", "exon2:100");
    Reads reads =
        new Reads(nature, 2)
            .allele("A*02:01:01:01", 60)
            .exon("A*99:99", 2, 15)
            .allele("A*03:01:01:01", 60);
    assertFalse(typed(world(), reads).flags("s", "A").contains("possible_new_allele"));
  }

  @Test
  void aSecondAlleleTooWeakToCallIsFlagged() throws IOException {
    Reads reads = new Reads(world(), 3).allele("A*02:01:01:01", 80).allele("A*03:01:01:01", 4);
    Bench bench = typed(world(), reads);
    assertEquals(List.of("A*02:01:01:01"), bench.called("s", "A"));
    assertEquals("A*03:01:01:01", flag(bench, "minor_allele_suspected").get("allele").asText());
  }

  @Test
  void aNullIsNotExcludedWhereNoReadShowsItsSite() throws IOException {
    SyntheticWorld world = world().allele("A*02:01:01:02N", "exon1:30", "exon2:50", "3UTR:110");
    Bench bench = typed(world, new Reads(world, 4).allele("A*02:01:01:01", 60));
    assertEquals(List.of("A*02:01:01:01"), bench.called("s", "A"));
    assertEquals("A*02:01:01:02N", flag(bench, "null_not_excluded").get("null_allele").asText());
  }

  @Test
  void aNullWhoseSiteTheReadsShowIsCalledOrExcluded() throws IOException {
    SyntheticWorld world = world().allele("A*02:15N", "exon1:30", "exon2:50", "exon2:70");
    Bench there = typed(world, new Reads(world, 5).allele("A*02:15N", 60));
    assertEquals(List.of("A*02:15N"), there.called("s", "A"));
    Bench bench = new Bench(folder, world, "A");
    bench.sample("s", new Reads(world, 6).allele("A*02:01:01:01", 60));
    assertEquals(0, bench.run("1"));
    assertEquals(List.of("A*02:01:01:01"), bench.called("s", "A"));
    assertFalse(bench.flags("s", "A").contains("null_not_excluded"));
  }

  @Test
  void sequencesThatDifferWhereNoReadReachesAreOne() throws IOException {
    SyntheticWorld world = world();
    for (int i = 0; i < 70; i++) {
      String one = "exon1:" + (65 + i % 10);
      world.allele("A*02:" + (10 + i), "exon1:10", one, "exon1:" + (76 + i / 10));
    }
    world.allele("A*02:99", "exon1:10", "exon1:75");
    Bench bench = typed(world, new Reads(world, 7).readLength(90).allele("A*02:99", 60));
    String names = bench.locus("s", "A").at("/alleles/0/ambiguities").toString();
    assertTrue(names.contains("A*02:99"), names);
    assertTrue(names.contains("A*02:79"), names);
  }

  @Test
  void aSingleAlleleBesideASilentAmpliconMayHideAnother() throws IOException {
    Bench bench = typed(world(), new Reads(world(), 8).exon("A*02:01:01:01", 1, 60));
    assertEquals("dropout_suspected", bench.locus("s", "A").get("state").asText());
    assertEquals("Exon 2", flag(bench, "dropout_suspected").get("amplicon").asText());
    assertEquals(1, bench.called("s", "A").size());
  }

  @Test
  void anAmpliconThatLostOneOfTwoAllelesLeavesBothCalled() throws IOException {
    Reads reads = new Reads(world(), 9).allele("A*02:01:01:01", 60).exon("A*03:01:01:01", 1, 60);
    Bench bench = typed(world(), reads);
    assertEquals("heterozygous", bench.locus("s", "A").get("state").asText());
    assertEquals("A*03:01:01:01", flag(bench, "dropout_suspected").get("allele").asText());
  }

  @Test
  void unknownIntronsAreNoMatterForAFlagButUnknownExonsAre() throws IOException {
    SyntheticWorld world =
        world()
            .allele("A*04:01", "exon2:30", "exon1:90", "3UTR:*")
            .allele("A*05:01", "exon2:20", "exon1:*");
    SyntheticWorld nature =
        world().allele("A*04:01", "exon2:30", "exon1:90").allele("A*05:01", "exon2:20", "exon1:30");
    Bench open = typed(world, new Reads(nature, 11).allele("A*04:01", 60));
    assertEquals(List.of("A*04:01"), open.called("s", "A"));
    assertFalse(open.flags("s", "A").contains("partly_unknown_allele"));
    Bench half = typed(world, new Reads(nature, 12).allele("A*05:01", 60));
    assertEquals(List.of("A*05:01"), half.called("s", "A"));
    assertEquals(150, flag(half, "partly_unknown_allele").get("unknown_exon_bp").asInt());
  }
}
