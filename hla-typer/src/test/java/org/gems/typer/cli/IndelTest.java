package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Insertions and deletions with a panel: those of a new allele are told, those of single reads are
 * not, and the pairs of both count.
 */
final class IndelTest {
  private static final String ONE = "A*02:01:01:01";
  private static final String TWO = "A*03:01:01:01";
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
    String exon = world.bases(ONE, "exon1");
    int place = at - BEFORE_EXON;
    String changed = exon.substring(0, place) + exon.substring(place + 1);
    assertTrue(fasta.contains("\n" + changed + "\n"), fasta);
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
  void slipsOfSomeReadsCountForTheirAlleleAndAreNotTold() throws IOException {
    SyntheticWorld world = world();
    String known = world.amplicon(ONE, 1);
    String slipped = known.substring(0, BEFORE_EXON + 75) + known.substring(BEFORE_EXON + 76);
    Bench bench = typed(world, besideOne(world, slipped, 12));
    assertEquals(List.of(ONE), bench.called("s", "A"));
    assertFalse(bench.flags("s", "A").contains("possible_new_allele"));
    assertFalse(bench.flags("s", "A").contains("unexplained_sequence"));
    assertEquals(0, lost(bench, "no_allele_within_tolerance"));
  }

  /**
   * Alleles that differ, so that a change must be told of the right one. With short reads the two
   * of a pair do not meet.
   */
  @ParameterizedTest
  @CsvSource({
    "0, C, 150",
    "0, GA, 150",
    "0, TTCAG, 150",
    "0, ACGATCGATTTACGGATTCA, 150",
    "1, '', 150",
    "3, '', 150",
    "20, '', 150",
    "0, C, 110",
    "0, TTCAG, 110",
    "1, '', 110",
    "3, '', 110"
  })
  void gapsOfOneOfTwoAllelesAreNamedAndTheirPairsCount(int missing, String more, int readBp)
      throws IOException {
    int last = world().bases(ONE, "exon1").length();
    for (int at : new int[] {5, 24, last - 36, last - 10 - missing}) {
      SyntheticWorld world = world();
      Path own = folder.resolve("at" + at);
      Files.createDirectories(own);
      Bench bench = new Bench(own, world, "A");
      String known = world.amplicon(ONE, 1);
      String exon = world.bases(ONE, "exon1");
      int from = BEFORE_EXON + at;
      Reads reads =
          new Reads(world, at)
              .readLength(readBp)
              .exon(ONE, 2, 50)
              .allele(TWO, 50)
              .fragment(known.substring(0, from) + more + known.substring(from + missing), 50);
      bench.sample("s", reads);
      assertEquals(0, bench.run("1"));
      assertEquals(List.of(ONE, TWO), bench.called("s", "A"), "at " + at);
      JsonNode evidence = evidence(bench, "possible_new_allele");
      int position = evidence.get("position").asInt() - 1;
      String old = evidence.get("old_base").asText().replace(".", "");
      String fresh = evidence.get("new_base").asText().replace(".", "");
      String told = exon.substring(0, position) + fresh + exon.substring(position + old.length());
      assertEquals(exon.substring(0, at) + more + exon.substring(at + missing), told, "at " + at);
      assertEquals("exon1", evidence.get("feature").asText());
      assertEquals(ONE, evidence.get("allele").asText());
      assertEquals("Exon 1", evidence.get("amplicon").asText());
      assertEquals(0.5, bench.locus("s", "A").at("/alleles/0/share").asDouble(), 0.1);
      assertEquals(1, Collections.frequency(bench.flags("s", "A"), "possible_new_allele"));
    }
  }

  /**
   * One allele with a base behind its own, and another with that base before its own, are the same
   * reads. The other amplicon says which of them it is.
   */
  @ParameterizedTest
  @ValueSource(strings = {ONE, "A*04:01:01:01"})
  void whereTwoAllelesExplainAGapEquallyWellTheOtherAmpliconDecides(String allele)
      throws IOException {
    SyntheticWorld world =
        world().allele("A*04:01:01:01", "exon1:30", "exon1:75", "exon2:20", "exon2:120");
    String one = world.amplicon(ONE, 1);
    int at = BEFORE_EXON;
    while (one.charAt(at) == world.amplicon("A*04:01:01:01", 1).charAt(at)) {
      at++;
    }
    char other = world.amplicon("A*04:01:01:01", 1).charAt(at);
    String both = one.substring(0, at + 1) + other + one.substring(at + 1);
    Reads reads =
        new Reads(world, 3).exon(allele, 2, 40).allele(TWO, 60).fragment(both, 40).shuffled(1);
    Bench bench = typed(world, reads);
    assertEquals(
        Stream.of(allele, TWO).sorted().toList(),
        bench.called("s", "A"),
        bench.flags("s", "A").toString());
    JsonNode evidence = evidence(bench, "possible_new_allele");
    assertEquals(allele, evidence.get("allele").asText());
    String exon = world.bases(allele, "exon1");
    int position = evidence.get("position").asInt() - 1;
    String told =
        exon.substring(0, position) + evidence.get("new_base").asText() + exon.substring(position);
    assertTrue(both.contains(told), told);
  }

  @ParameterizedTest
  @CsvSource({"-2, 1", "-2, 2", "-1, 1", "125, 1", "125, 2", "0, 3"})
  void whatTakesASpliceSiteOrTheStartMayBeNull(int at, int missing) throws IOException {
    SyntheticWorld world = world();
    String known = world.amplicon(ONE, 1);
    int length = world.bases(ONE, "exon1").length();
    int from = BEFORE_EXON + (at > 100 ? length : at);
    String changed = known.substring(0, from) + known.substring(from + missing);
    Bench bench = typed(world, besideOne(world, changed, 50));
    boolean isSite = at > 100;
    assertEquals(isSite, bench.flags("s", "A").contains("possible_null"));
    assertTrue(bench.flags("s", "A").contains("possible_new_allele"));
  }

  /** The gap makes the pairs unlike both, and primers are alike but for two bases. */
  @Test
  void pairsThatAGapMakesLikeARelativeAreOfTheirOwnGene() throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(23)
            .gene("DRB1")
            .allele("DRB1*01:01")
            .allele("DRB1*03:01", "exon1:30", "exon2:50")
            .geneLike("DRB3", "DRB1", 29)
            .allele("DRB3*01:01");
    String known = world.amplicon("DRB1*01:01", 1);
    for (int at : new int[] {20, 60, 100}) {
      Path own = folder.resolve("at" + at);
      Files.createDirectories(own);
      int from = BEFORE_EXON + at;
      Reads reads =
          new Reads(world, at)
              .exon("DRB1*01:01", 2, 60)
              .allele("DRB1*03:01", 60)
              .fragment(known.substring(0, from) + "ACGTTGCA" + known.substring(from), 60);
      Bench bench = new Bench(own, world, "DRB1", "DRB3").sample("s", reads);
      assertEquals(0, bench.run("2"));
      assertEquals(List.of("DRB1*01:01", "DRB1*03:01"), bench.called("s", "DRB1"));
      assertEquals(60, bench.evidence("s", "DRB1", "possible_new_allele").get("pairs").asInt(), 6);
      assertFalse(bench.flags("s", "DRB1").contains("dropout_suspected"));
    }
  }

  @Test
  void exonBasesThatNoReadReachesAreTold() throws IOException {
    SyntheticWorld world = world();
    int bp = world.amplicon(ONE, 1).length();
    Bench bench = typed(world, new Reads(world, 1).readLength(110).exact().allele(ONE, 60));
    JsonNode evidence = evidence(bench, "unread_exon_bases");
    assertEquals("exon1", evidence.get("feature").asText());
    assertEquals(110 - BEFORE_EXON + 1, evidence.get("first_position").asInt());
    assertEquals(bp - 110 - BEFORE_EXON, evidence.get("last_position").asInt());
    assertEquals(bp - 220, evidence.get("bases").asInt());
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
