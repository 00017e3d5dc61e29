package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Donor;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Way;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Depth, exons, links and phase, which are drawn alike with a panel and without. */
final class SameDrawingTest {
  private static final String ONE = "B*02:01:01:01";
  private static final String TWO = "B*03:01:01:01";

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return new SyntheticWorld(7)
        .gene("B")
        .allele("B*01:01:01:01")
        .allele(ONE, "exon1:90", "exon2:50")
        .allele(TWO, "exon1:100", "exon2:40");
  }

  private Bench typed(Way way, SyntheticWorld world, Donor donor) throws IOException {
    Bench bench = way.bench(folder, world, "B").sample("s", donor.reads());
    if (way == Way.PANEL) {
      world.addBridge(bench.panel(), "B");
    }
    assertEquals(0, bench.run("1"));
    return bench;
  }

  /** Both exons of both alleles, in pairs that never show two exons. */
  private static Donor apart(Way way, SyntheticWorld world) {
    Donor donor = way.donor(world, 1);
    for (int exon = 1; exon <= 2; exon++) {
      donor.exon(ONE, exon, 40).exon(TWO, exon, 40);
    }
    return donor;
  }

  @ParameterizedTest
  @EnumSource
  void exonsThatNothingLinksStandApart(Way way) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, apart(way, world));
    JsonNode locus = bench.locus("s", "B");
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertEquals("[]", locus.get("links").toString());
    assertEquals("[[\"exon1\"],[\"exon2\"]]", locus.get("phase_blocks").toString());
  }

  @ParameterizedTest
  @EnumSource
  void exonsThatTheSamePairsShowAreLinkedAndInPhase(Way way) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, apart(way, world).bridge(ONE, 30).bridge(TWO, 30));
    JsonNode locus = bench.locus("s", "B");
    assertEquals(List.of(), bench.sharedFlags("s", "B"));
    JsonNode link = locus.at("/links/0");
    assertEquals(1, locus.get("links").size());
    assertEquals("exon1", link.get("from").asText());
    assertEquals("exon2", link.get("to").asText());
    assertTrue(link.get("phasing_pairs").asInt() >= 55, link.toString());
    assertEquals("[[\"exon1\",\"exon2\"]]", locus.get("phase_blocks").toString());
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 1, 1", "NONE, 1, 1", "PANEL, 1, 0", "NONE, 0, 2"})
  void aPairOrTwoAreNoPhase(Way way, int one, int two) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, apart(way, world).bridge(ONE, one).bridge(TWO, two));
    assertEquals("[[\"exon1\"],[\"exon2\"]]", bench.locus("s", "B").get("phase_blocks").toString());
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 4", "NONE, 4", "PANEL, 3", "NONE, 0"})
  void pairsOfOneExonAndTheOtherAllelesOtherContradictThePhase(Way way, int ofPhase)
      throws IOException {
    SyntheticWorld world =
        world()
            .allele("B*77:01", "exon1:10", "exon1:90", "exon2:40", "exon2:130")
            .allele("B*77:02", "exon1:10", "exon1:100", "exon2:50", "exon2:130");
    Donor donor = apart(way, world).bridge("B*77:01", 25).bridge("B*77:02", 25);
    donor.bridge(ONE, ofPhase).bridge(TWO, ofPhase);
    Bench bench = typed(way, world, donor);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    JsonNode evidence = bench.evidence("s", "B", "phase_contradicted");
    assertEquals("exon1, exon2", evidence.get("exons").asText());
    assertTrue(evidence.get("pairs").asInt() >= 45, evidence.toString());
    assertTrue(evidence.get("share").asDouble() > 0.7, evidence.toString());
  }

  @ParameterizedTest
  @EnumSource
  void fewPairsAgainstThePhaseAreChimerasAndNoContradiction(Way way) throws IOException {
    SyntheticWorld swapped = world().allele("B*77:01", "exon1:90", "exon2:40");
    Donor donor = apart(way, swapped).bridge(ONE, 30).bridge(TWO, 30).bridge("B*77:01", 8);
    Bench bench = typed(way, world(), donor);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    assertTrue(!bench.flags("s", "B").contains("phase_contradicted"));
  }

  @ParameterizedTest
  @EnumSource
  void depthIsToldForEachAlleleBaseByBase(Way way) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, apart(way, world));
    for (JsonNode row : bench.locus("s", "B").get("coverage")) {
      int bases = 0;
      boolean isExon = false;
      for (JsonNode run : row.get("runs")) {
        String feature = run.get("feature").asText();
        isExon |= feature.equals(row.get("amplicon").asText().replace("Exon ", "exon"));
        int from = bases;
        bases += run.get("bases").asInt();
        if (feature.startsWith("exon")) {
          assertEquals(1, run.get("position").asInt());
          for (int i = from; i < bases; i++) {
            assertEquals(40, row.get("depth").get(i).asInt(), 4, row.toString());
          }
        }
      }
      assertEquals(bases, row.get("depth").size());
      assertTrue(isExon || row.get("amplicon").asText().equals("Bridge"), row.toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void exonsAreWrittenAsTheAllelesHaveThem(Way way) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, apart(way, world));
    int written = 0;
    for (JsonNode exon : bench.locus("s", "B").get("exons")) {
      String bases = world.bases(exon.get("allele").asText(), exon.get("feature").asText());
      assertEquals(bases, exon.get("bases").asText());
      written++;
    }
    assertEquals(4, written);
  }
}
