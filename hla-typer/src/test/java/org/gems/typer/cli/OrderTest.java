package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Donor;
import org.gems.typer.testing.Rules;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Way;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Of more pairs than are weighed the same are kept whatever their order. */
final class OrderTest {
  private static final String ONE = "B*02:01";
  private static final String TWO = "B*03:01";
  private static final int CAP = 150;

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return new SyntheticWorld(7)
        .gene("B")
        .allele("B*01:01")
        .allele(ONE, "exon1:30", "exon2:50")
        .allele(TWO, "exon1:70", "exon2:90")
        .allele("B*04:01", "exon1:100", "exon2:20");
  }

  /** A file as a program may write it: one allele's pairs, then the other's, then what is rare. */
  private static Donor sorted(Way way, int depthOne, int depthTwo) {
    SyntheticWorld nature = world().allele("B*99:99", "exon1:70", "exon2:90", "exon2:120");
    return way.donor(nature, 1)
        .allele(ONE, depthOne)
        .allele(TWO, depthTwo)
        .allele("B*04:01", 20)
        .allele("B*99:99", 30);
  }

  private static String cap(Path folder) throws IOException {
    return new Rules()
        .with("pairs_cap_per_amplicon", CAP)
        .with("shotgun_pairs_cap_per_exon", CAP)
        .option(folder);
  }

  static Stream<Arguments> waysAndSeeds() {
    return Stream.of(Way.values())
        .flatMap(way -> IntStream.range(0, 4).mapToObj(seed -> Arguments.of(way, seed)));
  }

  @ParameterizedTest
  @MethodSource("waysAndSeeds")
  void aShallowFilesOrderDecidesNothingEither(Way way, int seed) throws IOException {
    Bench bench = way.bench(folder, world(), "B").sample("s", sorted(way, 50, 40).reads());
    assertEquals(0, bench.run("1"));
    String once = bench.text("s");
    sorted(way, 50, 40).reads().shuffled(seed).write(folder, "s");
    assertEquals(0, bench.run("1"));
    assertEquals(once, bench.text("s"));
  }

  @ParameterizedTest
  @MethodSource("waysAndSeeds")
  void aSortedFileGivesTheSameBytesAsAShuffledOne(Way way, int seed) throws IOException {
    Bench bench = way.bench(folder, world(), "B").sample("s", sorted(way, 300, 200).reads());
    assertEquals(0, bench.run("1", cap(folder)));
    String once = bench.text("s");
    String strangers = strangers(bench);
    assertTrue(bench.lost("s", "beyond_depth_cap") > CAP);
    sorted(way, 300, 200).reads().shuffled(seed).write(folder, "s");
    assertEquals(0, bench.run("1", cap(folder), "--threads=2"));
    assertEquals(once, bench.text("s"));
    assertEquals(strangers, strangers(bench));
  }

  private static String strangers(Bench bench) throws IOException {
    return Files.readString(bench.out().resolve("s").resolve("unexplained.fasta"));
  }

  static Stream<Arguments> waysAndDepths() {
    return Stream.of(Way.values())
        .flatMap(
            way ->
                Stream.of(
                    Arguments.of(way, 400, 400),
                    Arguments.of(way, 600, 200),
                    Arguments.of(way, 200, 600)));
  }

  @ParameterizedTest
  @MethodSource("waysAndDepths")
  void theSharesOfASortedFileAreThoseOfItsReads(Way way, int depthOne, int depthTwo)
      throws IOException {
    Donor donor = way.donor(world(), 2).allele(ONE, depthOne).allele(TWO, depthTwo);
    Bench bench = way.bench(folder, world(), "B").sample("s", donor.reads());
    assertEquals(0, bench.run("1", cap(folder)));
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertEquals("[]", bench.locus("s", "B").get("flags").toString());
    JsonNode counts = bench.typing("s").get("reads");
    int all = counts.get("used_pairs").asInt();
    for (JsonNode filter : counts.get("filters")) {
      all += filter.get("pairs").asInt();
    }
    assertEquals(counts.get("pairs").asInt(), all);
    double share = bench.locus("s", "B").at("/alleles/0/share").asDouble();
    assertEquals((double) depthOne / (depthOne + depthTwo), share, 0.1);
  }
}
