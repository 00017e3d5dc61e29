package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page draws: depth base by base, exons as far as they were read, and which are linked. */
final class DrawingTest {
  private static final String ONE = "A*02:01:01:01";
  private static final String TWO = "A*03:01:01:01";

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return new SyntheticWorld(7)
        .gene("A")
        .allele("A*01:01:01:01")
        .allele(ONE, "exon1:90", "exon2:50")
        .allele(TWO, "exon1:100", "exon2:40");
  }

  private Bench bench(SyntheticWorld world) throws IOException {
    Bench bench = new Bench(folder, world, "A");
    world.addBridge(bench.panel(), "A");
    return bench;
  }

  private Bench typed(SyntheticWorld world, Reads reads) throws IOException {
    Bench bench = bench(world).sample("s", reads);
    assertEquals(0, bench.run("1"));
    return bench;
  }

  private static Reads both(SyntheticWorld world) {
    return new Reads(world, 1).allele(ONE, 40).allele(TWO, 40);
  }

  private static JsonNode coverage(Bench bench, String amplicon, String allele) throws IOException {
    for (JsonNode row : bench.locus("s", "A").get("coverage")) {
      boolean found = row.get("amplicon").asText().equals(amplicon);
      if (found && row.get("allele").asText().equals(allele)) {
        return row;
      }
    }
    throw new AssertionError("no row " + amplicon + " " + allele);
  }

  private static String exon(Bench bench, String allele, String feature) throws IOException {
    for (JsonNode exon : bench.locus("s", "A").get("exons")) {
      boolean found = exon.get("feature").asText().equals(feature);
      if (found && exon.get("allele").asText().equals(allele)) {
        return exon.get("bases").asText();
      }
    }
    return "";
  }

  @Test
  void depthIsToldBaseByBaseBetweenThePrimers() throws IOException {
    SyntheticWorld world = world();
    JsonNode row = coverage(typed(world, new Reads(world, 1).allele(ONE, 40)), "Exon 1", ONE);
    int bases = world.amplicon(ONE, 1).length() - 40;
    assertEquals(bases, row.get("depth").size());
    assertEquals(40, row.get("depth").get(0).asInt());
    assertEquals(40, row.get("depth").get(bases / 2).asInt());
  }

  @Test
  void theMiddleThatNoReadReachesHasNoDepthAndIsNotFilledIn() throws IOException {
    SyntheticWorld world = world();
    Reads reads = new Reads(world, 1).readLength(90).allele(ONE, 40);
    Bench bench = typed(world, reads);
    String name = bench.called("s", "A").get(0);
    JsonNode depth = coverage(bench, "Exon 1", name).get("depth");
    assertEquals(0, depth.get(depth.size() / 2).asInt());
    String bases = world.bases(name, "exon1");
    String drawn = exon(bench, name, "exon1");
    assertEquals(bases.substring(0, 30) + "?".repeat(90) + bases.substring(120), drawn);
  }

  @Test
  void aRowSaysWhichBasesOfWhichFeaturesItDraws() throws IOException {
    SyntheticWorld world = world();
    JsonNode runs = coverage(typed(world, both(world)), "Exon 1", ONE).get("runs");
    assertEquals(
        "[{\"feature\":\"5UTR\",\"position\":81,\"bases\":40},"
            + "{\"feature\":\"exon1\",\"position\":1,\"bases\":150},"
            + "{\"feature\":\"intron1\",\"position\":1,\"bases\":40}]",
        runs.toString());
  }

  @Test
  void basesThatTheReleaseLeavesOpenAreNeverFilledIn() throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(7)
            .gene("A")
            .allele("A*01:01:01:01")
            .allele("A*01:02", "exon1:90", "exon2:*");
    Bench bench =
        typed(world, new Reads(world, 2).exon("A*01:02", 1, 40).exon("A*01:01:01:01", 2, 40));
    assertEquals("A*01:02", bench.called("s", "A").get(0));
    assertEquals(150, exon(bench, "A*01:02", "exon1").length());
    assertFalse(exon(bench, "A*01:02", "exon1").contains("?"));
    assertEquals("", exon(bench, "A*01:02", "exon2"));
  }

  @Test
  void basesUnderAPrimerAloneAreUnknown() throws IOException {
    SyntheticWorld world = world();
    Bench bench = bench(world);
    String panel = Files.readString(bench.panel());
    Files.writeString(bench.panel(), panel.replaceAll("(?m)^A\tExon [12].*\n", ""));
    Reads reads = new Reads(world, 3).fragment(world.bridge(ONE), 40);
    assertEquals(0, bench.sample("s", reads).run("1"));
    String name = bench.called("s", "A").get(0);
    String unread = "?".repeat(80);
    assertEquals(unread + world.bases(ONE, "exon1").substring(80), exon(bench, name, "exon1"));
  }

  @Test
  void exonsThatTheSamePairsShowAreLinkedAndInPhase() throws IOException {
    SyntheticWorld world = world();
    Reads reads = both(world).fragment(world.bridge(ONE), 30).fragment(world.bridge(TWO), 30);
    JsonNode locus = typed(world, reads).locus("s", "A");
    JsonNode link = locus.at("/links/0");
    assertEquals("exon1", link.get("from").asText());
    assertEquals("exon2", link.get("to").asText());
    assertEquals("[\"Bridge\"]", link.get("amplicons").toString());
    assertTrue(link.get("phasing_pairs").asInt() >= 55, link.toString());
    assertEquals("[[\"exon1\",\"exon2\"]]", locus.get("phase_blocks").toString());
  }

  @Test
  void exonsThatNothingLinksStandApart() throws IOException {
    SyntheticWorld world = world();
    JsonNode locus = typed(world, both(world)).locus("s", "A");
    assertEquals("[]", locus.get("links").toString());
    assertEquals("[[\"exon1\"],[\"exon2\"]]", locus.get("phase_blocks").toString());
  }

  @Test
  void aFewPairsAreNoLink() throws IOException {
    SyntheticWorld world = world();
    Reads reads = both(world).fragment(world.bridge(ONE), 1).fragment(world.bridge(TWO), 1);
    JsonNode locus = typed(world, reads).locus("s", "A");
    assertEquals("[[\"exon1\"],[\"exon2\"]]", locus.get("phase_blocks").toString());
  }
}
