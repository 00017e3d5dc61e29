package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the typer calls, from reads to {@code typing.json}. */
final class TypingTest {
  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return Worlds.geneA().allele("A*24:02:01:01", "exon1:30", "exon2:90");
  }

  private Bench typed(SyntheticWorld world, Reads reads) throws IOException {
    Bench bench = new Bench(folder, world, "A").sample("s", reads);
    assertEquals(0, bench.run("1"));
    return bench;
  }

  @Test
  void twoAllelesAreCalledHeterozygousWithEvenShares() throws IOException {
    SyntheticWorld world = world();
    Bench bench =
        typed(world, new Reads(world, 1).allele("A*02:01:01:01", 60).allele("A*03:01:01:01", 60));
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    assertEquals("heterozygous", bench.locus("s", "A").get("state").asText());
    assertEquals(0.5, bench.locus("s", "A").at("/alleles/0/share").asDouble(), 0.02);
    assertEquals(120, bench.locus("s", "A").at("/alleles/0/pairs").asDouble(), 3);
  }

  @Test
  void oneAlleleIsCalledHomozygousAndNamedOnce() throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(world, new Reads(world, 2).allele("A*02:01:01:01", 100));
    assertEquals(List.of("A*02:01:01:01"), bench.called("s", "A"));
    assertEquals("homozygous", bench.locus("s", "A").get("state").asText());
  }

  @Test
  void anAlleleAmplifiedOneInTenIsStillCalledAndItsImbalanceFlagged() throws IOException {
    SyntheticWorld world = world();
    Bench bench =
        typed(world, new Reads(world, 3).allele("A*02:01:01:01", 180).allele("A*03:01:01:01", 20));
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    assertTrue(bench.flags("s", "A").contains("allele_imbalance"));
  }

  @Test
  void anAlleleThatDropsOutOfOneAmpliconIsCalledFromTheOtherAndFlagged() throws IOException {
    SyntheticWorld world = world();
    Reads reads =
        new Reads(world, 4)
            .allele("A*01:01:01:01", 80)
            .exon("A*03:01:01:01", 2, 80)
            .exon("A*01:01:01:01", 1, 40);
    Bench bench = typed(world, reads);
    assertEquals(List.of("A*01:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    assertTrue(bench.flags("s", "A").contains("dropout_suspected"));
  }

  @Test
  void chimerasAndCrossTalkDoNotMakeASecondAllele() throws IOException {
    SyntheticWorld world = world();
    Reads reads =
        new Reads(world, 5)
            .allele("A*01:01:01:01", 196)
            .allele("A*02:01:01:01", 1)
            .allele("A*03:01:01:01", 2);
    assertEquals(List.of("A*01:01:01:01"), typed(world, reads).called("s", "A"));
  }

  @Test
  void allelesThatDifferOutsideTheAmpliconsAreOneAmbiguityNamedByFrequencyThenName()
      throws IOException {
    SyntheticWorld world =
        world()
            .allele("A*11:01:01:01", "exon1:20", "5UTR:5")
            .allele("A*11:01:01:02", "exon1:20")
            .allele("A*11:01:01:10", "exon1:20", "3UTR:110")
            .common("A*11:01:01:10", "C");
    Bench bench = typed(world, new Reads(world, 6).allele("A*11:01:01:02", 60));
    JsonNode allele = bench.locus("s", "A").at("/alleles/0");
    List<String> names = new ArrayList<>();
    allele.get("ambiguities").forEach(name -> names.add(name.asText()));
    assertEquals(List.of("A*11:01:01:10", "A*11:01:01:01", "A*11:01:01:02"), names);
    assertEquals("C", allele.get("ciwd").asText());
  }

  @Test
  void basesUnderAPrimerAreNeverEvidence() throws IOException {
    SyntheticWorld world = world().allele("A*01:01:01:05", "5UTR:65");
    Bench bench = typed(world, new Reads(world, 7).allele("A*01:01:01:05", 60));
    JsonNode names = bench.locus("s", "A").at("/alleles/0/ambiguities");
    assertEquals("[\"A*01:01:01:01\",\"A*01:01:01:05\"]", names.toString());
  }

  @Test
  void anOpenAlleleNeverBeatsACompleteOneThatFitsAsWell() throws IOException {
    SyntheticWorld world = world().allele("A*01:01:99", "exon2:*", "5UTR:*", "intron1:*", "3UTR:*");
    Bench bench = typed(world, new Reads(world, 8).allele("A*01:01:01:01", 60));
    assertEquals(List.of("A*01:01:01:01"), bench.called("s", "A"));
    assertTrue(
        bench.locus("s", "A").at("/alleles/0/ambiguities").toString().contains("A*01:01:99"));
  }

  @Test
  void anOpenAlleleIsCalledWhereItsStatedPartDecides() throws IOException {
    SyntheticWorld world =
        world()
            .allele("A*03:02", "exon1:70", "exon1:100", "exon2:*", "5UTR:*", "intron1:*", "3UTR:*")
            .allele("A*03:99", "exon1:70", "exon1:100", "exon2:90");
    Reads reads = new Reads(world, 9).allele("A*03:99", 50).allele("A*02:01:01:01", 50);
    SyntheticWorld released =
        world()
            .allele("A*03:02", "exon1:70", "exon1:100", "exon2:*", "5UTR:*", "intron1:*", "3UTR:*");
    Bench bench = typed(released, reads);
    assertEquals(List.of("A*02:01:01:01", "A*03:02"), bench.called("s", "A"));
    JsonNode open = bench.locus("s", "A").at("/alleles/1");
    assertEquals("partial", open.get("documentation").asText());
    assertTrue(bench.locus("s", "A").at("/candidates/0/unknown_bp").asInt() > 0);
    assertTrue(bench.flags("s", "A").contains("partly_unknown_allele"));
  }

  @Test
  void unstatedBasesAreNeverMatched() throws IOException {
    SyntheticWorld world = world().allele("A*66:01", "exon1:*", "exon2:10", "exon2:12", "exon2:14");
    Bench bench = typed(world, new Reads(world, 10).allele("A*01:01:01:01", 60));
    assertFalse(bench.locus("s", "A").get("alleles").toString().contains("A*66:01"));
  }

  @Test
  void aNewAlleleIsFlaggedNearItsNeighbourAndItsSequenceWritten() throws IOException {
    SyntheticWorld world = world();
    SyntheticWorld nature = world().allele("A*99:99", "exon1:30", "exon2:50", "exon2:100");
    Reads reads = new Reads(nature, 11).allele("A*99:99", 60).allele("A*03:01:01:01", 60);
    Bench bench = typed(world, reads);
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    assertTrue(bench.flags("s", "A").contains("possible_new_allele"));
    String fasta = Files.readString(bench.out().resolve("s").resolve("unexplained.fasta"));
    String amplicon = nature.amplicon("A*99:99", 2);
    assertTrue(fasta.contains(amplicon.substring(20, amplicon.length() - 20)), fasta);
    assertTrue(fasta.startsWith(">A|Exon 2|1 pairs="), fasta);
  }

  @Test
  void aDeletionIsFollowedFromBothEnds() throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(8).gene("A").allele("A*01:01:01:01").allele("A*01:04N", "exon1:-");
    Bench bench =
        typed(world, new Reads(world, 12).allele("A*01:04N", 50).allele("A*01:01:01:01", 50));
    assertEquals(List.of("A*01:01:01:01", "A*01:04N"), bench.called("s", "A"));
  }

  @Test
  void readsOfAPseudogeneAreCountedAndNotForcedOnAGene() throws IOException {
    SyntheticWorld world = world().geneLike("H", "A", 25).allele("H*01:01:01:01");
    Reads reads = new Reads(world, 13).allele("A*01:01:01:01", 60);
    String decoy = world.amplicon("H*01:01:01:01", 1);
    String genuine = world.amplicon("A*01:01:01:01", 1);
    int bp = genuine.length();
    String primed =
        genuine.substring(0, 20) + decoy.substring(20, bp - 20) + genuine.substring(bp - 20);
    Bench bench = typed(world, reads.fragment(primed, 15));
    assertEquals(15, pairsLost(bench.typing("s"), "off_target"));
    assertEquals(List.of("A*01:01:01:01"), bench.called("s", "A"));
  }

  private static int pairsLost(JsonNode typing, String filter) {
    for (JsonNode node : typing.at("/reads/filters")) {
      if (node.get("name").asText().equals(filter)) {
        return node.get("pairs").asInt();
      }
    }
    throw new AssertionError("no filter " + filter);
  }

  @Test
  void everyPairIsUsedOrCountedAtOneFilter() throws IOException {
    SyntheticWorld world = world();
    Reads reads =
        new Reads(world, 14)
            .allele("A*01:01:01:01", 40)
            .fragment("ACGT".repeat(60), 9)
            .fragment(world.amplicon("A*01:01:01:01", 1).substring(0, 20) + "AC".repeat(100), 4);
    JsonNode typing = typed(world, reads).typing("s");
    int lost = 0;
    for (JsonNode filter : typing.at("/reads/filters")) {
      lost += filter.get("pairs").asInt();
    }
    assertEquals(93, typing.at("/reads/pairs").asInt());
    assertEquals(93, lost + typing.at("/reads/used_pairs").asInt());
    assertEquals(9, pairsLost(typing, "no_primer"));
    assertEquals(4, pairsLost(typing, "one_primer"));
  }

  @Test
  void aGeneWithoutReadsEndsInANoCallWithItsReason() throws IOException {
    SyntheticWorld world = world().gene("B").allele("B*07:02:01:01");
    Reads reads = new Reads(world, 15).allele("B*07:02:01:01", 40);
    Bench bench = new Bench(folder, world, "A", "B").sample("s", reads);
    assertEquals(0, bench.run("1"));
    assertEquals("no_call", bench.locus("s", "A").get("state").asText());
    assertEquals(List.of("no_reads"), bench.flags("s", "A"));
  }

  @Test
  void lociWithoutLibraryOrPanelSaySo() throws IOException {
    SyntheticWorld world = world().gene("B").allele("B*07:02:01:01");
    Bench bench = typed(world, new Reads(world, 16).allele("A*01:01:01:01", 40));
    assertEquals("not_in_panel", bench.locus("s", "B").get("state").asText());
    assertEquals("not_in_library", bench.locus("s", "C").get("state").asText());
  }

  @Test
  void equalInputGivesEqualBytesForAnyNumberOfThreads() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world, "A");
    for (int i = 0; i < 4; i++) {
      bench.sample(
          "s" + i,
          new Reads(world, 20 + i).allele("A*01:01:01:01", 30).allele("A*24:02:01:01", 30));
    }
    assertEquals(0, bench.run("1", "--threads=1"));
    List<String> once = outputs(bench);
    assertEquals(0, bench.run("1", "--threads=4"));
    assertEquals(once, outputs(bench));
  }

  private static List<String> outputs(Bench bench) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Path sample = bench.out().resolve("s" + i);
      texts.add(Files.readString(sample.resolve("typing.json")));
      texts.add(Files.readString(sample.resolve("unexplained.fasta")));
    }
    return texts;
  }
}
