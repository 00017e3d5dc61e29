package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Donor;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Way;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Alleles that are weak in one place, short reads, and samples most of whose pairs are lost. */
final class SameDoubtsTest {
  private static final String ONE = "B*02:01";
  private static final String NEAR = "B*02:07";
  private static final String TWO = "B*03:01";

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return new SyntheticWorld(7)
        .gene("B")
        .allele("B*01:01")
        .allele(ONE, "exon1:30", "exon2:50")
        .allele(NEAR, "exon1:30", "exon2:50", "exon2:100")
        .allele(TWO, "exon1:70", "exon2:90")
        .gene("C")
        .allele("C*01:01");
  }

  private Bench typed(Way way, Donor donor) throws IOException {
    Bench bench = way.bench(folder, world(), "B", "C").sample("s", donor.reads());
    assertEquals(0, bench.run("1"));
    return bench;
  }

  private static List<JsonNode> imbalances(Bench bench) throws IOException {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode flag : bench.locus("s", "B").get("flags")) {
      if (flag.get("code").asText().equals("allele_imbalance")) {
        found.add(flag.get("evidence"));
      }
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 158, 42", "NONE, 158, 42", "PANEL, 78, 22", "NONE, 78, 22"})
  void anAlleleThatDiffersInOneExonAndHasAFifthOfItIsFlaggedThere(Way way, int strong, int weak)
      throws IOException {
    Donor donor = way.donor(world(), 1).exon(ONE, 1, strong + weak);
    Bench bench = typed(way, donor.exon(ONE, 2, strong).exon(NEAR, 2, weak));
    assertEquals(List.of(ONE, NEAR), bench.called("s", "B"));
    JsonNode evidence = imbalances(bench).get(0);
    assertEquals(1, imbalances(bench).size());
    assertEquals(NEAR, evidence.get("allele").asText());
    assertEquals(way == Way.PANEL ? "Exon 2" : "exon2", evidence.get("amplicon").asText());
    assertEquals((double) weak / (strong + weak), evidence.get("share").asDouble(), 0.03);
  }

  @ParameterizedTest
  @EnumSource
  void anAlleleThatIsWeakInOneExonAndNotInTheOtherIsFlaggedThere(Way way) throws IOException {
    Donor donor = way.donor(world(), 2).exon(ONE, 1, 100).exon(TWO, 1, 100);
    Bench bench = typed(way, donor.exon(ONE, 2, 170).exon(TWO, 2, 30));
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertEquals(1, imbalances(bench).size());
    assertEquals(TWO, imbalances(bench).get(0).get("allele").asText());
    assertTrue(imbalances(bench).get(0).has("amplicon"));
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 150, 50", "NONE, 150, 50", "PANEL, 145, 55", "NONE, 145, 55"})
  void anAlleleOfAQuarterEverywhereIsNotFlagged(Way way, int strong, int weak) throws IOException {
    Donor donor = way.donor(world(), 3);
    for (int exon = 1; exon <= 2; exon++) {
      donor.exon(ONE, exon, strong).exon(TWO, exon, weak);
    }
    Bench bench = typed(way, donor);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertEquals(List.of(), bench.sharedFlags("s", "B"));
  }

  @ParameterizedTest
  @EnumSource
  void anAlleleThatOneExonHardlyShowsIsCalledFromTheOtherAndItsDropoutFlagged(Way way)
      throws IOException {
    Donor donor = way.donor(world(), 7).exon(ONE, 1, 60).exon(ONE, 2, 60).exon(TWO, 1, 60);
    Bench bench = typed(way, donor);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertEquals("heterozygous", bench.state("s", "B"));
    JsonNode evidence = bench.evidence("s", "B", "dropout_suspected");
    assertEquals(TWO, evidence.get("allele").asText());
    assertEquals(way == Way.PANEL ? "Exon 2" : "exon2", evidence.get("amplicon").asText());
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 11", "NONE, 11", "PANEL, 40", "NONE, 40"})
  void fewPairsAreFlaggedAndEnoughAreNot(Way way, int depth) throws IOException {
    Donor donor = way.donor(world(), 8).exon(ONE, 1, depth).exon(ONE, 2, depth);
    Bench bench = typed(way, donor);
    assertEquals(List.of(ONE), bench.called("s", "B"));
    assertEquals(depth < 12, bench.sharedFlags("s", "B").contains("low_depth"));
  }

  @ParameterizedTest
  @EnumSource
  void exonBasesThatTheReleaseDoesNotStateAreCounted(Way way) throws IOException {
    SyntheticWorld nature = world().allele("B*05:01", "exon2:20");
    SyntheticWorld open = world().allele("B*05:01", "exon2:20", "exon1:*");
    Donor donor = way.donor(nature, 9).allele("B*05:01", 60).allele(TWO, 60);
    Bench bench = way.bench(folder, open, "B").sample("s", donor.reads());
    assertEquals(0, bench.run("1"));
    assertTrue(bench.called("s", "B").contains("B*05:01"), bench.called("s", "B").toString());
    assertEquals(List.of("partly_unknown_allele"), bench.sharedFlags("s", "B"));
    JsonNode evidence = bench.evidence("s", "B", "partly_unknown_allele");
    assertEquals(150, evidence.get("unknown_exon_bp").asInt());
    assertEquals("B*05:01", evidence.get("allele").asText());
  }

  @ParameterizedTest
  @EnumSource
  void namesOfSeveralProteinsThatFitAreFlagged(Way way) throws IOException {
    SyntheticWorld alike = world().allele("B*02:09", "exon1:30", "exon1:90", "exon2:50");
    Donor donor = way.donor(alike, 10).exon(ONE, 2, 60);
    Bench bench = way.bench(folder, alike, "B").sample("s", donor.reads());
    assertEquals(0, bench.run("1"));
    assertTrue(bench.sharedFlags("s", "B").contains("ambiguous_protein"));
    JsonNode evidence = bench.evidence("s", "B", "ambiguous_protein");
    assertTrue(evidence.get("two_field_names").asInt() > 1);
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 75", "NONE, 75", "PANEL, 90", "NONE, 90"})
  void shortReadsAreFlagged(Way way, int bp) throws IOException {
    Donor donor = way.donor(world(), 4);
    donor.reads().readLength(bp);
    Bench bench = typed(way, donor.allele(ONE, 150));
    JsonNode evidence = bench.evidence("s", "B", "short_reads");
    assertEquals(bp, evidence.get("mean_read_bp").asDouble(), 1);
    assertEquals(100, evidence.get("threshold").asInt());
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 100", "NONE, 100", "PANEL, 125", "NONE, 125", "PANEL, 150", "NONE, 150"})
  void readsOfAHundredBasesAreNotShort(Way way, int bp) throws IOException {
    Donor donor = way.donor(world(), 5);
    donor.reads().readLength(bp);
    Bench bench = typed(way, donor.allele(ONE, 150));
    assertTrue(!bench.sharedFlags("s", "B").contains("short_reads"), bench.flags("s", "B") + "");
  }

  /** A gene so unlike those of the library that none of its pairs comes near them. */
  private static SyntheticWorld withStranger() {
    return world().geneLike("Y", "B", 22).allele("Y*01:01");
  }

  private static Donor beside(Way way, int strangers) {
    SyntheticWorld nature = withStranger();
    Donor donor = way.donor(nature, 6).allele(ONE, 40);
    if (way == Way.PANEL) {
      donor.reads().fragment(nature.bases("Y*01:01", "exon1", "intron1"), strangers);
    } else {
      donor.allele("Y*01:01", strangers);
    }
    return donor;
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 120", "NONE, 120", "PANEL, 600", "NONE, 600"})
  void whereMostPairsAreLostTheSampleSaysSoAndNoGeneHasNoReads(Way way, int strangers)
      throws IOException {
    Bench bench = typed(way, beside(way, strangers));
    JsonNode flag = Bench.flag(bench.typing("s"), "most_pairs_lost");
    String filter = way == Way.PANEL ? "no_primer" : "no_allele_within_tolerance";
    assertEquals(filter, flag.at("/evidence/filter").asText());
    assertEquals(bench.lost("s", filter), flag.at("/evidence/lost").asInt());
    assertTrue(flag.at("/evidence/share").asDouble() > 0.5);
    assertEquals(List.of(ONE), bench.called("s", "B"));
    assertEquals(List.of("too_few_reads"), bench.flags("s", "C"));
    JsonNode reason = Bench.flag(bench.locus("s", "C"), "too_few_reads");
    assertEquals(0, reason.at("/evidence/pairs").asInt());
    assertTrue(
        reason.get("message").asText().contains(flag.get("message").asText()), reason.toString());
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 50", "NONE, 15", "PANEL, 0", "NONE, 0"})
  void whereMostPairsAreOfUseAGeneWithoutThemHasNoReads(Way way, int strangers) throws IOException {
    Bench bench = typed(way, beside(way, strangers));
    assertEquals("[]", bench.typing("s").get("flags").toString());
    assertEquals(List.of("no_reads"), bench.flags("s", "C"));
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 1", "NONE, 1", "PANEL, 3", "NONE, 3", "PANEL, 6", "NONE, 6"})
  void theReadsOfANewAlleleAreNoThirdAlleles(Way way, int bases) throws IOException {
    List<String> changes = new ArrayList<>(List.of("exon1:30", "exon2:50"));
    for (int i = 0; i < bases; i++) {
      changes.add("exon2:" + (20 + 4 * i));
    }
    SyntheticWorld nature = world().allele("B*80:01", changes.toArray(String[]::new));
    Bench bench = typed(way, way.donor(nature, 5).allele("B*80:01", 80).allele(TWO, 80));
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    List<String> flags = bench.flags("s", "B");
    assertTrue(!flags.contains("third_allele_suspected"), flags.toString());
    assertTrue(flags.contains("possible_new_allele"), flags.toString());
    assertTrue(flags.stream().filter("stray_pairs"::equals).count() <= 1, flags.toString());
  }
}
