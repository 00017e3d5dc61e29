package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Donor;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Way;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One gene's calls, states and flags, which are the same with a panel and without. */
final class SameCallsTest {
  private static final List<String> ALLELES =
      List.of("A*01:01:01:01", "A*02:01:01:01", "A*03:01:01:01", "A*24:02:01:01");

  @TempDir private Path folder;

  private static SyntheticWorld few() {
    return Worlds.geneA();
  }

  private static SyntheticWorld world() {
    return world("C");
  }

  private static SyntheticWorld world(String category) {
    SyntheticWorld world = few().allele("A*24:02:01:01", "exon1:30", "exon2:90");
    ALLELES.forEach(allele -> world.common(allele, category));
    return world;
  }

  private Bench typed(Way way, SyntheticWorld world, Donor donor) throws IOException {
    Bench bench = way.bench(folder, world, "A").sample("s", donor.reads());
    assertEquals(0, bench.run("1"));
    return bench;
  }

  static Stream<Arguments> waysAndPairs() {
    return Stream.of(Way.values())
        .flatMap(
            way ->
                ALLELES.stream()
                    .flatMap(
                        one ->
                            ALLELES.stream()
                                .filter(two -> two.compareTo(one) > 0)
                                .flatMap(
                                    two ->
                                        Stream.of("C", "")
                                            .map(ciwd -> Arguments.of(way, one, two, ciwd)))));
  }

  static Stream<Arguments> waysAndAlleles() {
    return Stream.of(Way.values())
        .flatMap(way -> ALLELES.stream().map(allele -> Arguments.of(way, allele)));
  }

  @ParameterizedTest
  @MethodSource("waysAndPairs")
  void twoAllelesAreCalledWithHalfOfTheReadsEachHoweverCommonTheyAre(
      Way way, String one, String two, String ciwd) throws IOException {
    SyntheticWorld world = world(ciwd);
    Donor donor = way.donor(world, one.hashCode()).allele(two, 60).allele(one, 60);
    Bench bench = typed(way, world, donor);
    assertEquals(List.of(one, two), bench.called("s", "A"));
    assertEquals("heterozygous", bench.state("s", "A"));
    assertEquals(List.of(), bench.sharedFlags("s", "A"));
    assertEquals(0.5, bench.locus("s", "A").at("/alleles/0/share").asDouble(), 0.1);
    assertEquals(one + "+" + two, bench.locus("s", "A").get("gl_string").asText());
  }

  @ParameterizedTest
  @MethodSource("waysAndAlleles")
  void oneAlleleIsCalledHomozygousAndNamedOnce(Way way, String allele) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, way.donor(world, 2).allele(allele, 60));
    assertEquals(List.of(allele), bench.called("s", "A"));
    assertEquals("homozygous", bench.state("s", "A"));
    assertEquals(List.of(), bench.sharedFlags("s", "A"));
    assertEquals(allele + "+" + allele, bench.locus("s", "A").get("gl_string").asText());
  }

  @ParameterizedTest
  @CsvSource({
    "PANEL, A*02:01:01:01, A*03:01:01:01, 25",
    "NONE, A*02:01:01:01, A*03:01:01:01, 25",
    "PANEL, A*24:02:01:01, A*01:01:01:01, 25",
    "NONE, A*24:02:01:01, A*01:01:01:01, 25",
    "PANEL, A*03:01:01:01, A*02:01:01:01, 30",
    "NONE, A*03:01:01:01, A*02:01:01:01, 30"
  })
  void aWeakSecondAlleleIsCalledAndItsImbalanceFlagged(
      Way way, String strong, String weak, int depth) throws IOException {
    SyntheticWorld world = world();
    Donor donor = way.donor(world, 3).allele(strong, 200 - depth).allele(weak, depth);
    Bench bench = typed(way, world, donor);
    assertEquals(Stream.of(strong, weak).sorted().toList(), bench.called("s", "A"));
    assertEquals("heterozygous", bench.state("s", "A"));
    assertEquals(List.of("allele_imbalance"), bench.sharedFlags("s", "A"));
    JsonNode evidence = bench.evidence("s", "A", "allele_imbalance");
    assertEquals(weak, evidence.get("allele").asText());
    assertEquals(depth / 200.0, evidence.get("share").asDouble(), 0.05);
  }

  @ParameterizedTest
  @EnumSource
  void aNullIsCalledWhereReadsShowWhatMakesItOneAndExcludedWhereTheyShowTheOther(Way way)
      throws IOException {
    SyntheticWorld world = world().allele("A*02:15N", "exon1:30", "exon2:50", "exon2:70");
    Bench there = typed(way, world, way.donor(world, 5).allele("A*02:15N", 60));
    assertEquals(List.of("A*02:15N"), there.called("s", "A"));
    assertEquals(List.of(), there.sharedFlags("s", "A"));
    Bench not = typed(way, world, way.donor(world, 6).allele("A*02:01:01:01", 60));
    assertEquals(List.of("A*02:01:01:01"), not.called("s", "A"));
    assertEquals(List.of(), not.sharedFlags("s", "A"));
  }

  @ParameterizedTest
  @EnumSource
  void aNullBesideAnotherAlleleIsCalledWhereItsBaseIsRead(Way way) throws IOException {
    SyntheticWorld world = world().allele("A*02:15N", "exon1:30", "exon2:50", "exon2:70");
    Donor donor = way.donor(world, 7).allele("A*02:15N", 60).allele("A*03:01:01:01", 60);
    Bench bench = typed(way, world, donor);
    assertEquals(List.of("A*02:15N", "A*03:01:01:01"), sorted(bench));
    assertEquals(List.of(), bench.sharedFlags("s", "A"));
  }

  private static List<String> sorted(Bench bench) throws IOException {
    return bench.called("s", "A").stream().sorted().toList();
  }

  @ParameterizedTest
  @CsvSource({"PANEL, A*03:01:01:01", "NONE, A*03:01:01:01", "PANEL, ", "NONE, "})
  void aNullWhoseBaseNoReadShowsIsNotExcludedAndTheExpressedAlleleIsNamed(Way way, String partner)
      throws IOException {
    SyntheticWorld world =
        world()
            .allele("A*02:01:01:02N", "exon1:30", "exon2:50", "3UTR:110")
            .common("A*02:01:01:02N", "C");
    Donor donor = way.donor(world, 8);
    for (int exon = 1; exon <= 2; exon++) {
      donor.exon("A*02:01:01:01", exon, 60);
      if (partner != null) {
        donor.exon(partner, exon, 60);
      }
    }
    Bench bench = typed(way, world, donor);
    assertEquals("A*02:01:01:01", bench.called("s", "A").get(0));
    assertFalse(bench.called("s", "A").contains("A*02:01:01:02N"));
    assertEquals(List.of("null_not_excluded"), bench.sharedFlags("s", "A"));
    JsonNode evidence = bench.evidence("s", "A", "null_not_excluded");
    assertEquals("A*02:01:01:02N", evidence.get("null_allele").asText());
    String possible = bench.locus("s", "A").get("gl_string").asText();
    assertTrue(possible.startsWith("A*02:01:01:01/A*02:01:01:02N+"), possible);
  }

  @ParameterizedTest
  @EnumSource
  void aNullIsNeverNamedFromTheOtherExonAlone(Way way) throws IOException {
    SyntheticWorld world =
        world().allele("A*02:16N", "exon1:30", "exon1:75", "exon2:50").common("A*02:16N", "C");
    Bench bench = typed(way, world, way.donor(world, 9).exon("A*02:01:01:01", 2, 60));
    assertEquals(List.of("A*02:01:01:01"), bench.called("s", "A"));
    assertTrue(bench.sharedFlags("s", "A").contains("null_not_excluded"));
  }

  @ParameterizedTest
  @CsvSource({
    "PANEL, exon1, 45", "NONE, exon1, 45",
    "PANEL, exon1, 100", "NONE, exon1, 100",
    "PANEL, exon2, 20", "NONE, exon2, 20",
    "PANEL, exon2, 110", "NONE, exon2, 110"
  })
  void anUnknownAlleleIsFlaggedWithThePlaceOfItsBase(Way way, String exon, int at)
      throws IOException {
    SyntheticWorld nature = few().allele("A*80:99", "exon1:30", "exon2:50", exon + ":" + at);
    Donor donor = way.donor(nature, 10).allele("A*80:99", 80).allele("A*03:01:01:01", 80);
    Bench bench = typed(way, few(), donor);
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    List<String> flags = new ArrayList<>(bench.sharedFlags("s", "A"));
    flags.remove("stray_pairs"); // without a panel, of pairs both of whose reads show the new base
    assertEquals(List.of("possible_new_allele"), flags);
    JsonNode evidence = bench.evidence("s", "A", "possible_new_allele");
    assertEquals("A*02:01:01:01", evidence.get("allele").asText());
    assertEquals(exon, evidence.get("feature").asText());
    assertEquals(at + 1, evidence.get("position").asInt());
    assertEquals(base(nature, "A*02:01:01:01", exon, at), evidence.get("old_base").asText());
    assertEquals(base(nature, "A*80:99", exon, at), evidence.get("new_base").asText());
  }

  private static String base(SyntheticWorld world, String allele, String exon, int at) {
    return world.bases(allele, exon).substring(at, at + 1);
  }

  static Stream<Arguments> waysAndFewPairs() {
    return Stream.of(Way.values())
        .flatMap(way -> IntStream.rangeClosed(3, 10).mapToObj(depth -> Arguments.of(way, depth)));
  }

  @ParameterizedTest
  @MethodSource("waysAndFewPairs")
  void aSecondAlleleOfFewPairsIsCalledOrSuspectedAndNeverPassedOver(Way way, int depth)
      throws IOException {
    SyntheticWorld world = world();
    Donor donor = way.donor(world, depth).allele("A*02:01:01:01", 150);
    Bench bench = typed(way, world, donor.allele("A*03:01:01:01", depth));
    List<String> flags = bench.sharedFlags("s", "A");
    if (bench.called("s", "A").size() == 1) {
      assertEquals(List.of("A*02:01:01:01"), bench.called("s", "A"));
      boolean isTold =
          flags.contains("minor_allele_suspected") || flags.contains("third_allele_suspected");
      assertTrue(isTold, flags.toString());
    } else {
      assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
      assertTrue(flags.contains("allele_imbalance"), flags.toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoNamesThatFitAsWellAreOneGenotypeEach(Way way) throws IOException {
    SyntheticWorld world =
        world().allele("A*04:01", "exon1:30", "exon2:20").allele("A*05:01", "exon1:70", "exon2:50");
    SyntheticWorld swapped = world.allele("A*06:01", "exon1:70", "exon2:20");
    Donor donor = way.donor(swapped, 12);
    for (int exon = 1; exon <= 2; exon++) {
      donor.exon("A*02:01:01:01", exon, 60).exon("A*06:01", exon, 60);
    }
    Bench bench = typed(way, swapped, donor);
    assertEquals(List.of("A*02:01:01:01", "A*06:01"), bench.called("s", "A"));
    assertEquals(List.of("other_pair_as_likely"), bench.sharedFlags("s", "A"));
    assertEquals(
        "A*02:01:01:01+A*06:01|A*04:01+A*05:01", bench.locus("s", "A").get("gl_string").asText());
  }

  @ParameterizedTest
  @EnumSource
  void aGeneOfTooFewPairsIsNotCalled(Way way) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, way.donor(world, 13).allele("A*02:01:01:01", 4));
    assertEquals("no_call", bench.state("s", "A"));
    assertEquals(List.of("too_few_reads"), bench.sharedFlags("s", "A"));
  }

  @ParameterizedTest
  @EnumSource
  void aGeneWithoutPairsHasNoReads(Way way) throws IOException {
    SyntheticWorld world = world().gene("B").allele("B*07:02:01:01");
    Bench bench = way.bench(folder, world, "A", "B");
    bench.sample("s", way.donor(world, 14).allele("A*02:01:01:01", 40).reads());
    assertEquals(0, bench.run("1"));
    assertEquals("no_call", bench.state("s", "B"));
    assertEquals(List.of("no_reads"), bench.sharedFlags("s", "B"));
    assertEquals(List.of("not_in_library"), bench.sharedFlags("s", "C"));
  }
}
