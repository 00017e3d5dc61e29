package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Donor;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Way;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which name is said where the reads do not tell alleles apart, and that all names are listed. */
final class NamesTest {
  private static final String PARTNER = "B*44:02";
  private static final List<String> CATEGORIES = List.of("C", "I", "WD", "R", "");

  @TempDir private Path folder;

  /** A name, how common it is, and whether it is to be said before another one. */
  private record Named(String name, String category) {
    boolean isNull() {
      return AlleleName.parse(name).isNull();
    }

    boolean isEquallyCommon(Named other) {
      return rarity() == other.rarity() && isNull() == other.isNull();
    }

    int rarity() {
      return new AlleleEntry(AlleleName.parse(name), "", "", category).rarity();
    }

    static Comparator<Named> order() {
      return Comparator.comparing(Named::isNull)
          .thenComparingInt(Named::rarity)
          .thenComparing(named -> AlleleName.parse(named.name()));
    }
  }

  private static SyntheticWorld world(List<Named> alike, String... changes) {
    SyntheticWorld world =
        new SyntheticWorld(7)
            .gene("B")
            .allele("B*01:01")
            .allele(PARTNER, "exon1:70", "exon2:20", "exon2:25");
    for (Named one : alike) {
      world.allele(one.name(), changes).common(one.name(), one.category());
    }
    return world;
  }

  private JsonNode called(Way way, SyntheticWorld world, Reads reads) throws IOException {
    Bench bench = way.bench(folder, world, "B").sample("s", reads);
    assertEquals(0, bench.run("1"));
    JsonNode locus = bench.locus("s", "B");
    for (JsonNode allele : locus.get("alleles")) {
      String first = locus.get("gl_string").asText().split("\\|", -1)[0];
      Set<String> listed = Set.copyOf(Arrays.asList(first.split("[+/]", -1)));
      allele.get("ambiguities").forEach(n -> assertTrue(listed.contains(n.asText()), first));
      assertEquals(allele.get("name"), allele.get("ambiguities").get(0));
    }
    return locus;
  }

  private static JsonNode other(JsonNode locus) {
    for (JsonNode allele : locus.get("alleles")) {
      if (!allele.get("name").asText().equals(PARTNER)) {
        return allele;
      }
    }
    throw new AssertionError(locus.get("alleles").toString());
  }

  static Stream<Arguments> waysAndSeeds() {
    return Stream.of(Way.values())
        .flatMap(
            way -> IntStream.range(0, 8).mapToObj(seed -> Arguments.of(way, seed, seed % 2 == 0)));
  }

  /** Names of one protein and of others, nulls among them, some of them common. */
  private static List<Named> drawn(int seed) {
    Random random = new Random(seed);
    List<Named> drawn = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String name = "B*15:%02d:01:%02d".formatted(1 + random.nextInt(3), 10 * i + 7 - i);
      String category = CATEGORIES.get(random.nextInt(CATEGORIES.size()));
      drawn.add(new Named(name + (random.nextInt(3) == 0 ? "N" : ""), category));
    }
    drawn.add(new Named("B*15:04:01:99", ""));
    return drawn;
  }

  @ParameterizedTest
  @MethodSource("waysAndSeeds")
  void ofEqualAllelesTheExpressedThenTheCommonThenTheLowerNameIsSaid(
      Way way, int seed, boolean isBesideAnother) throws IOException {
    List<Named> alike = drawn(seed);
    SyntheticWorld world = world(alike, "exon1:30", "exon2:50");
    Donor donor = way.donor(world, seed).allele(alike.get(seed % 7).name(), 60);
    if (isBesideAnother) {
      donor.allele(PARTNER, 60);
    }
    JsonNode allele = other(called(way, world, donor.reads()));
    List<String> names = alike.stream().sorted(Named.order()).map(Named::name).toList();
    List<String> listed = new ArrayList<>();
    allele.get("ambiguities").forEach(name -> listed.add(name.asText()));
    assertEquals(names, listed);
  }

  static Stream<Arguments> waysAndDoubts() {
    Named low = new Named("B*15:01", "");
    Named high = new Named("B*15:10", "");
    Named lowCommon = new Named("B*15:03", "C");
    Named highCommon = new Named("B*15:11", "C");
    Named lowNull = new Named("B*15:02N", "C");
    Named highRare = new Named("B*15:12", "R");
    Named late = new Named("B*15:249", "");
    List<List<Named>> favouredAndOther =
        List.of(
            List.of(low, high),
            List.of(high, low),
            List.of(low, highCommon),
            List.of(highCommon, low),
            List.of(lowNull, high),
            List.of(high, lowNull),
            List.of(lowCommon, highCommon),
            List.of(highCommon, lowCommon),
            List.of(highRare, highCommon),
            List.of(highRare, high),
            List.of(late, high),
            List.of(high, late));
    return Stream.of(Way.values())
        .flatMap(
            way ->
                favouredAndOther.stream()
                    .flatMap(
                        two ->
                            Stream.of(true, false)
                                .map(b -> Arguments.of(way, two.get(0), two.get(1), b))));
  }

  @ParameterizedTest
  @MethodSource("waysAndDoubts")
  void aWeakBaseOrTwoDecideBetweenEquallyCommonNamesOnly(
      Way way, Named favoured, Named other, boolean isBesideAnother) throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(7)
            .gene("B")
            .allele("B*01:01")
            .allele(PARTNER, "exon1:70", "exon2:20", "exon2:25")
            .allele(favoured.name(), "exon1:30", "exon2:10", "exon2:70")
            .allele(other.name(), "exon1:30", "exon2:10")
            .common(PARTNER, "C")
            .common(favoured.name(), favoured.category())
            .common(other.name(), other.category());
    Reads reads = new Reads(world, 3).exact();
    unread(way, world, reads, other.name());
    if (isBesideAnother) {
      unread(way, world, reads, PARTNER);
    }
    weaklyRead(way, world, reads, favoured.name());
    JsonNode locus = called(way, world, reads);
    JsonNode allele = other(locus);
    boolean isDraw = favoured.isEquallyCommon(other);
    Named first = isDraw ? favoured : Stream.of(favoured, other).min(Named.order()).orElseThrow();
    Named second = first.equals(favoured) ? other : favoured;
    assertEquals(first.name(), allele.get("name").asText());
    assertTrue(allele.get("ambiguities").toString().contains(second.name()), allele.toString());
    // The reads do speak for the favoured one, a little.
    JsonNode best = locus.get("candidates");
    double gap = score(best, favoured.name()) - score(best, other.name());
    assertTrue(favoured.isNull() || other.isNull() || (gap > 1 && gap < 4.6), best.toString());
  }

  private static double score(JsonNode candidates, String name) {
    for (JsonNode candidate : candidates) {
      if (candidate.get("alleles").toString().contains("\"" + name + "\"")) {
        return candidate.get("log_likelihood").asDouble();
      }
    }
    throw new AssertionError(name + " in " + candidates);
  }

  /** Reads that show both exons of an allele but for the middle of exon 2. */
  private static void unread(Way way, SyntheticWorld world, Reads reads, String allele) {
    reads.exon(allele, 1, way == Way.PANEL ? 60 : 0).readLength(way == Way.PANEL ? 90 : 110);
    if (way == Way.PANEL) {
      reads.exon(allele, 2, 60).readLength(150);
      return;
    }
    String gene = world.bases(allele, SyntheticWorld.FEATURES.toArray(String[]::new));
    reads.fragment(gene.substring(100, 310), 60);
    reads.fragment(gene.substring(380, 490), 60);
    reads.fragment(gene.substring(520, 630), 60);
    reads.readLength(150);
  }

  /** A pair or two whose weak last bases reach into the middle of exon 2. */
  private static void weaklyRead(Way way, SyntheticWorld world, Reads reads, String allele) {
    if (way == Way.PANEL) {
      reads.readLength(140).tail(125, 4).exon(allele, 2, 1);
    } else {
      String gene = world.bases(allele, SyntheticWorld.FEATURES.toArray(String[]::new));
      String far = SyntheticWorld.reverseComplement(gene.substring(530, 640));
      reads.tail(120, 4).ends(gene.substring(375, 503), far, 2);
    }
  }
}
