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
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Insertions and deletions: those of a new allele are reported, those of single reads are not. */
final class IndelTest {
  private static final String ONE = "A*02:01:01:01";
  private static final int BEFORE_EXON = 60;

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return Worlds.geneA();
  }

  private Bench typed(SyntheticWorld world, Reads reads) throws IOException {
    Bench bench = new Bench(folder, world, "A").sample("s", reads);
    assertEquals(0, bench.run("1"));
    return bench;
  }

  /** Both copies are of one allele, but for exon 1 of the one, which is as given. */
  private static Reads besideOne(SyntheticWorld world, String exon1, int pairs) {
    return new Reads(world, 1).exon(ONE, 2, 100).exon(ONE, 1, 100 - pairs).fragment(exon1, pairs);
  }

  private static JsonNode evidence(Bench bench, String code) throws IOException {
    for (JsonNode flag : bench.locus("s", "A").get("flags")) {
      if (flag.get("code").asText().equals(code)) {
        return flag.get("evidence");
      }
    }
    throw new AssertionError("no flag " + code + " in " + bench.flags("s", "A"));
  }

  /** As far to the end as equal bases allow, as variants are named. */
  private static int last(String sequence, int index) {
    int at = index;
    while (sequence.charAt(at) == sequence.charAt(at + 1)) {
      at++;
    }
    return at;
  }

  @Test
  void aNewAlleleThatLacksABaseIsToldByItsPlaceAndWritten() throws IOException {
    SyntheticWorld world = world();
    String known = world.amplicon(ONE, 1);
    int at = last(known, BEFORE_EXON + 75);
    Bench bench =
        typed(world, besideOne(world, known.substring(0, at) + known.substring(at + 1), 50));
    JsonNode evidence = evidence(bench, "possible_new_allele");
    assertEquals("exon1", evidence.get("feature").asText());
    assertEquals(at - BEFORE_EXON + 1, evidence.get("position").asInt());
    assertEquals(String.valueOf(known.charAt(at)), evidence.get("old_base").asText());
    assertEquals(".", evidence.get("new_base").asText());
    assertEquals(0.5, evidence.get("share").asDouble(), 0.05);
    String fasta = Files.readString(bench.out().resolve("s/unexplained.fasta"));
    String between = known.substring(20, at) + known.substring(at + 1, known.length() - 20);
    assertTrue(fasta.contains("\n" + between + "\n"), fasta);
  }

  @Test
  void aNewAlleleWithMoreBasesIsToldWithThem() throws IOException {
    SyntheticWorld world = world();
    String known = world.amplicon(ONE, 1);
    int at = BEFORE_EXON + 75;
    char next = known.charAt(at);
    String more = (next == 'A' ? "C" : "A") + "GGTTC";
    Bench bench =
        typed(world, besideOne(world, known.substring(0, at) + more + known.substring(at), 50));
    JsonNode evidence = evidence(bench, "possible_new_allele");
    assertEquals("exon1", evidence.get("feature").asText());
    assertEquals(at - BEFORE_EXON + 1, evidence.get("position").asInt());
    assertEquals(".", evidence.get("old_base").asText());
    assertEquals(more, evidence.get("new_base").asText());
  }

  @Test
  void slipsOfSomeReadsAreLostAndChangeNothing() throws IOException {
    SyntheticWorld world = world();
    String known = world.amplicon(ONE, 1);
    String slipped = known.substring(0, BEFORE_EXON + 75) + known.substring(BEFORE_EXON + 76);
    Bench bench = typed(world, besideOne(world, slipped, 18));
    assertEquals(List.of(ONE), bench.called("s", "A"));
    assertFalse(bench.flags("s", "A").contains("possible_new_allele"));
    assertFalse(bench.flags("s", "A").contains("unexplained_sequence"));
    assertEquals(18, lost(bench, "no_allele_within_tolerance"));
  }

  @Test
  void aSequenceLikeNoAlleleIsFlaggedAndWritten() throws IOException {
    SyntheticWorld world = world();
    String known = world.amplicon(ONE, 1);
    String other = new SyntheticWorld(99).gene("B").allele("B*01:01").bases("B*01:01", "exon1");
    String strange = known.substring(0, 40) + other + known.substring(190);
    Bench bench = typed(world, besideOne(world, strange, 50));
    assertTrue(evidence(bench, "unexplained_sequence").get("pairs").asInt() > 45);
    assertTrue(
        Files.readString(bench.out().resolve("s/unexplained.fasta")).contains(">A|Exon 1|1"));
  }

  @Test
  void readsLongerThanTheAmpliconAreExplainedWhateverFollowsIt() throws IOException {
    SyntheticWorld world = world();
    String adapter = "AGATCGGAAGAGCACACGTCTGAACTCCAGTCACATCACGATCTCGTATGCC";
    String whole = SyntheticWorld.reverseComplement(adapter) + world.amplicon(ONE, 2) + adapter;
    Reads reads =
        new Reads(world, 4)
            .exon(ONE, 1, 60)
            .readLength(310)
            .throughFragment(whole, adapter.length(), 60);
    Bench bench = typed(world, reads);
    assertEquals(0, lost(bench, "no_allele_within_tolerance"));
    assertEquals(120, bench.typing("s").at("/reads/used_pairs").asInt());
  }

  private static int lost(Bench bench, String filter) throws IOException {
    for (JsonNode node : bench.typing("s").at("/reads/filters")) {
      if (node.get("name").asText().equals(filter)) {
        return node.get("pairs").asInt();
      }
    }
    throw new AssertionError(filter);
  }
}
