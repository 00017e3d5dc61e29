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
import java.util.stream.Stream;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.ShotgunReads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads from anywhere in the genes, without a panel. */
final class ShotgunTest {
  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);

  private static final Path NONE = Path.of("none");

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return Worlds.geneA().allele("A*24:02:01:01", "exon1:30", "exon2:90");
  }

  private Bench typed(SyntheticWorld world, ShotgunReads reads, String hlaClass)
      throws IOException {
    Bench bench = new Bench(folder, world).panel(NONE).sample("s", reads.reads());
    assertEquals(0, bench.run(hlaClass));
    return bench;
  }

  @Test
  void twoAllelesAreCalledFromFragmentsOfBoth() throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads =
        new ShotgunReads(world, 1)
            .from(world.bases("A*02:01:01:01", WHOLE), 60)
            .from(world.bases("A*03:01:01:01", WHOLE), 60);
    Bench bench = typed(world, reads, "1");
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    assertEquals(0.5, bench.locus("s", "A").at("/alleles/0/share").asDouble(), 0.1);
    assertEquals("none", bench.typing("s").at("/versions/primer_mask_version").asText());
    assertEquals("exon1", bench.locus("s", "A").at("/coverage/0/amplicon").asText());
  }

  @Test
  void oneAlleleIsCalledHomozygousAndNamedOnce() throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads = new ShotgunReads(world, 2).from(world.bases("A*24:02:01:01", WHOLE), 120);
    Bench bench = typed(world, reads, "1");
    assertEquals(List.of("A*24:02:01:01"), bench.called("s", "A"));
    assertEquals("homozygous", bench.locus("s", "A").get("state").asText());
  }

  @Test
  void singleReadsAreTypedWithoutAPanel() throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads =
        new ShotgunReads(world, 11)
            .from(world.bases("A*02:01:01:01", WHOLE), 90)
            .from(world.bases("A*03:01:01:01", WHOLE), 90);
    Bench bench = new Bench(folder, world).panel(NONE).singleReads("s", reads.reads());
    assertEquals(0, bench.run("1"));
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    assertEquals(180, bench.typing("s").at("/reads/pairs").asInt());
  }

  @Test
  void singleReadsWithAPanelAreRefusedByNameAndTheRestIsTyped() throws IOException {
    SyntheticWorld world = world();
    Bench bench =
        new Bench(folder, world, "A")
            .singleReads("alone", new Reads(world, 1).allele("A*01:01:01:01", 60))
            .sample("paired", new Reads(world, 2).allele("A*01:01:01:01", 60));
    assertEquals(3, bench.run("1"));
    assertEquals(List.of("A*01:01:01:01"), bench.called("paired", "A"));
    String error = Files.readString(bench.out().resolve("alone").resolve("error.json"));
    assertTrue(error.contains("alone_R1.fastq.gz") && error.contains("--panel none"), error);
    assertTrue(error.contains("a second file with its mates"), error);
  }

  @Test
  void aReadIsLaidAcrossTheBordersOfFeaturesAndItsBasesAllCount() throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads = new ShotgunReads(world, 12).from(world.bases("A*01:01:01:01", WHOLE), 300);
    Bench bench = typed(world, reads, "1");
    JsonNode first = bench.locus("s", "A").at("/coverage/0");
    JsonNode last = bench.locus("s", "A").at("/coverage/1");
    assertTrue(first.get("minimum_depth").asDouble() > 0.5 * first.get("mean_depth").asDouble());
    assertTrue(last.get("minimum_depth").asDouble() > 0.5 * last.get("mean_depth").asDouble());
  }

  @Test
  void aSecondAlleleThatFewPairsAskForIsSuspectedAndNotCalled() throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads =
        new ShotgunReads(world, 13)
            .from(world.bases("A*02:01:01:01", WHOLE), 300)
            .from(world.bases("A*03:01:01:01", WHOLE), 15);
    Bench bench = typed(world, reads, "1");
    assertEquals(List.of("A*02:01:01:01"), bench.called("s", "A"));
    assertTrue(bench.flags("s", "A").contains("minor_allele_suspected"));
  }

  @Test
  void pairsOfAGeneThatTheLibraryLacksAreToldAsStray() throws IOException {
    SyntheticWorld more = world().geneLike("H", "A", 110).allele("H*01:01:01:01");
    SyntheticWorld world = world();
    ShotgunReads reads =
        new ShotgunReads(world, 14)
            .from(world.bases("A*01:01:01:01", WHOLE), 150)
            .from(more.bases("H*01:01:01:01", WHOLE), 90);
    Bench bench = typed(world, reads, "1");
    assertTrue(bench.flags("s", "A").contains("stray_pairs"));
    ShotgunReads clean = new ShotgunReads(world, 14).from(world.bases("A*01:01:01:01", WHOLE), 190);
    assertEquals(List.of(), typed(world, clean, "1").flags("s", "A"));
  }

  /** Few pairs of the exon reach the base, and each by itself is as of an allele that has it. */
  @ParameterizedTest
  @CsvSource({"14, 8, stray_pairs", "10, 5, stray_pairs", "40, 6, ''"})
  void aBaseOfAnotherAlleleThatNoCalledOneHasIsToldByItsShareOfThePairsOverIt(
      int own, int others, String expected) throws IOException {
    String[] far = {"exon1:20", "exon1:60", "exon1:100", "exon2:10", "exon2:110"};
    SyntheticWorld nature = world().allele("A*30:01", far).allele("A*80:99", "exon2:110");
    SyntheticWorld known = world().allele("A*30:01", far);
    String start = known.bases("A*01:01:01:01", "intron1", "exon2");
    ShotgunReads reads =
        new ShotgunReads(known, 15)
            .from(known.bases("A*01:01:01:01", "5UTR", "exon1", "intron1"), 160);
    reads.reads().fragment(start.substring(60, start.length() - 80), 60);
    reads.reads().fragment(end(known, "A*01:01:01:01"), own);
    reads.reads().fragment(end(nature, "A*80:99"), others);
    Bench bench = typed(known, reads, "1");
    assertEquals(List.of("A*01:01:01:01"), bench.called("s", "A"));
    List<String> flags = bench.flags("s", "A");
    flags.retainAll(List.of("stray_pairs", "possible_new_allele"));
    assertEquals(expected, String.join(" ", flags));
    if (!expected.isEmpty()) {
      JsonNode evidence = Bench.flag(bench.locus("s", "A"), expected).get("evidence");
      assertEquals("exon2", evidence.get("feature").asText());
      assertEquals(111, evidence.get("position").asInt());
      assertEquals(others, evidence.get("pairs").asInt());
      assertEquals(
          nature.bases("A*80:99", "exon2").substring(110, 111), evidence.get("base").asText());
    }
  }

  /** The last eighty bases of exon 2, and what follows. */
  private static String end(SyntheticWorld world, String allele) {
    return world.bases(allele, "exon2", "3UTR").substring(60);
  }

  @Test
  void aBaseThatNoAlleleHasIsFlaggedWithItsPlaceAndItsExonWritten() throws IOException {
    SyntheticWorld world = world().allele("A*80:99", "exon2:110");
    SyntheticWorld known = world();
    ShotgunReads reads =
        new ShotgunReads(known, 15)
            .from(known.bases("A*02:01:01:01", WHOLE), 90)
            .from(world.bases("A*80:99", WHOLE), 90);
    Bench bench = typed(known, reads, "1");
    JsonNode flags = bench.locus("s", "A").get("flags");
    assertEquals(List.of("possible_new_allele"), flags.findValuesAsText("code"));
    JsonNode evidence = flags.get(0).get("evidence");
    assertEquals("A*01:01:01:01", evidence.get("allele").asText());
    assertEquals("A", evidence.get("gene").asText());
    assertEquals("exon2", evidence.get("feature").asText());
    assertEquals(111, evidence.get("position").asInt());
    String fasta = Files.readString(bench.out().resolve("s").resolve("unexplained.fasta"));
    assertTrue(fasta.startsWith(">A|exon2|1 pairs="), fasta);
    assertTrue(fasta.contains("\n" + world.bases("A*80:99", "exon2") + "\n"), fasta);
  }

  @Test
  void aBaseOfFewPairsIsNoNewAllele() throws IOException {
    SyntheticWorld world = world().allele("A*80:99", "exon2:110");
    SyntheticWorld known = world();
    ShotgunReads reads =
        new ShotgunReads(known, 16)
            .from(known.bases("A*01:01:01:01", WHOLE), 170)
            .from(world.bases("A*80:99", WHOLE), 20);
    Bench bench = typed(known, reads, "1");
    assertEquals(List.of("A*01:01:01:01"), bench.called("s", "A"));
    assertTrue(!bench.flags("s", "A").contains("possible_new_allele"));
  }

  /** The reads of an allele whose exons are known and that has another base in an intron. */
  @ParameterizedTest
  @CsvSource({"intron1:0, 1", "intron1:1, 2", "intron1:158, 159", "intron1:159, 160"})
  void anotherBaseAtTheEndOfAnIntronIsTold(String change, int position) throws IOException {
    Bench bench = typed(world(), withChangedIntron(change), "1");
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    JsonNode evidence = bench.evidence("s", "A", "possible_null");
    assertEquals("intron1", evidence.get("feature").asText());
    assertEquals(position, evidence.get("position").asInt());
    assertEquals("A*02:01:01:01", evidence.get("allele").asText());
    assertEquals(0.5, evidence.get("share").asDouble(), 0.15);
  }

  /** An allele without any of the usual bases there is told once, and not at each end. */
  @Test
  void threeLostSpliceSitesAreOneFlag() throws IOException {
    Bench bench = typed(world(), withChangedIntron("intron1:0", "intron1:1", "intron1:159"), "1");
    List<JsonNode> told = bench.evidences("s", "A", "possible_null");
    assertEquals(1, told.size());
    assertEquals(3, told.get(0).get("places").asInt());
    assertEquals(1, told.get(0).get("position").asInt());
  }

  @Test
  void twoLostSpliceSitesAreTwoFlags() throws IOException {
    Bench bench = typed(world(), withChangedIntron("intron1:0", "intron1:159"), "1");
    List<JsonNode> told = bench.evidences("s", "A", "possible_null");
    assertEquals(List.of(1, 160), told.stream().map(one -> one.get("position").asInt()).toList());
    assertEquals(List.of(1, 1), told.stream().map(one -> one.get("places").asInt()).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"intron1:2", "intron1:80", "intron1:157", "3UTR:1"})
  void anotherBaseElsewhereInAnIntronIsNoLostSpliceSite(String change) throws IOException {
    Bench bench = typed(world(), withChangedIntron(change), "1");
    assertFalse(bench.flags("s", "A").contains("possible_null"));
  }

  /** Bases of a splice site that are missing are told as a new allele's too. */
  @ParameterizedTest
  @ValueSource(strings = {"intron1:0-1", "intron1:0-3", "intron1:157-159", "intron1:150-159"})
  void aGapAtTheEndOfAnIntronIsTold(String change) throws IOException {
    Bench bench = typed(world(), withChangedIntron(change), "1");
    assertEquals(List.of("A*02:01:01:01", "A*03:01:01:01"), bench.called("s", "A"));
    JsonNode evidence = bench.evidence("s", "A", "possible_null");
    assertEquals("A*02:01:01:01", evidence.get("allele").asText());
    assertEquals(".", evidence.get("new_base").asText());
    assertTrue(bench.flags("s", "A").contains("possible_new_allele"));
  }

  @Test
  void aGapElsewhereInAnIntronIsNoLostSpliceSite() throws IOException {
    Bench bench = typed(world(), withChangedIntron("intron1:70-75"), "1");
    assertFalse(bench.flags("s", "A").contains("possible_null"));
  }

  @Test
  void anAlleleOfTheReleaseWithThatBaseIsCalledByName() throws IOException {
    SyntheticWorld known = world().allele("A*02:01:01:02N", "exon1:30", "exon2:50", "intron1:1");
    ShotgunReads reads =
        new ShotgunReads(known, 19)
            .from(known.bases("A*02:01:01:02N", WHOLE), 120)
            .from(known.bases("A*03:01:01:01", WHOLE), 120);
    Bench bench = typed(known, reads, "1");
    assertEquals(List.of("A*02:01:01:02N", "A*03:01:01:01"), bench.called("s", "A"));
    assertFalse(bench.flags("s", "A").contains("possible_null"));
  }

  private static ShotgunReads withChangedIntron(String... changes) {
    String[] all =
        Stream.concat(Stream.of("exon1:30", "exon2:50"), Stream.of(changes)).toArray(String[]::new);
    SyntheticWorld nature = world().allele("A*02:99", all);
    return new ShotgunReads(nature, 19)
        .from(nature.bases("A*02:99", WHOLE), 120)
        .from(nature.bases("A*03:01:01:01", WHOLE), 120);
  }

  /**
   * A person's second allele is as the library's A*05:02, but for its last base of exon 2.
   * Fragments are too short to show that base together with another one that tells the alleles
   * apart.
   */
  @ParameterizedTest
  @CsvSource({"A*05:01, true", "A*05:02, false"})
  void aBaseThatOnlyOneCalledAlleleHasAndNoReadShowsIsFlagged(String second, boolean isLacking)
      throws IOException {
    SyntheticWorld nature = withNeighbours(true);
    ShotgunReads reads =
        new ShotgunReads(nature, 18)
            .lengths(100, 115)
            .from(nature.bases("A*01:01:01:01", WHOLE), 240)
            .from(nature.bases(second, WHOLE), 240);
    Bench bench = typed(withNeighbours(false), reads, "1");
    assertEquals(List.of("A*01:01:01:01", "A*05:02"), bench.called("s", "A"));
    assertEquals(isLacking, bench.flags("s", "A").contains("dropout_suspected"));
    if (isLacking) {
      JsonNode evidence = bench.evidence("s", "A", "dropout_suspected");
      assertEquals("exon2", evidence.get("feature").asText());
      assertEquals(130, evidence.get("position").asInt(), 1);
      assertEquals(0, evidence.get("share").asDouble());
    }
  }

  private static SyntheticWorld withNeighbours(boolean isWhole) {
    SyntheticWorld world = Worlds.geneA().allele("A*05:02", "exon1:60", "exon2:10", "exon2:130");
    return isWhole ? world.allele("A*05:01", "exon1:60", "exon2:10") : world;
  }

  @Test
  void shortReadsAreFlaggedAndLongerOnesAreNot() throws IOException {
    SyntheticWorld world = world();
    for (int bp : List.of(75, 150)) {
      ShotgunReads reads = new ShotgunReads(world, 2);
      reads.reads().readLength(bp);
      reads.from(world.bases("A*24:02:01:01", WHOLE), 240);
      String flags = typed(world, reads, "1").locus("s", "A").get("flags").toString();
      assertEquals(bp < 100, flags.contains("short_reads"), flags);
    }
  }

  @Test
  void anExonWithoutReadsIsFlaggedAndWhatItDecidesStaysAmbiguous() throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads =
        new ShotgunReads(world, 3).from(world.bases("A*03:01:01:01", "intron1", "exon2"), 120);
    Bench bench = typed(world, reads, "1");
    JsonNode flag = bench.locus("s", "A").at("/flags/0");
    assertEquals("uncovered_exon", flag.get("code").asText());
    assertEquals("exon1", flag.at("/evidence/exons").asText());
    JsonNode names = bench.locus("s", "A").at("/alleles/0/ambiguities");
    assertEquals("[\"A*03:01:01:01\",\"A*24:02:01:01\"]", names.toString());
  }

  @Test
  void readsOnlyOutsideTheDefiningExonsNameNoAllele() throws IOException {
    SyntheticWorld world = world();
    ShotgunReads reads =
        new ShotgunReads(world, 4).from(world.bases("A*03:01:01:01", "5UTR", "exon1"), 120);
    Bench bench = typed(world, reads, "1");
    assertEquals("no_call", bench.locus("s", "A").get("state").asText());
    assertTrue(bench.flags("s", "A").contains("defining_exon_without_reads"));
  }

  @Test
  void readsOfAPseudogeneDoNotReachItsGene() throws IOException {
    SyntheticWorld world = world().geneLike("H", "A", 25).allele("H*01:01:01:01");
    ShotgunReads reads =
        new ShotgunReads(world, 5)
            .from(world.bases("A*01:01:01:01", WHOLE), 80)
            .from(world.bases("H*01:01:01:01", WHOLE), 70);
    Bench bench = typed(world, reads, "1");
    assertEquals(70, lost(bench, "off_target"));
    assertEquals(List.of("A*01:01:01:01"), bench.called("s", "A"));
  }

  @Test
  void readsThatAreNotHlaAreCountedAndAllPairsAddUp() throws IOException {
    SyntheticWorld world = world();
    String elsewhere = new SyntheticWorld(99).gene("X").allele("X*01:01").bases("X*01:01", WHOLE);
    ShotgunReads reads =
        new ShotgunReads(world, 6)
            .from(world.bases("A*01:01:01:01", WHOLE), 80)
            .from(elsewhere, 50);
    Bench bench = typed(world, reads, "1");
    assertEquals(50, lost(bench, "not_hla"));
    JsonNode counts = bench.typing("s").get("reads");
    int all = counts.get("used_pairs").asInt();
    for (JsonNode filter : counts.get("filters")) {
      all += filter.get("pairs").asInt();
    }
    assertEquals(130, all);
    assertEquals(130, counts.get("pairs").asInt());
  }

  private int lost(Bench bench, String filter) throws IOException {
    for (JsonNode node : bench.typing("s").at("/reads/filters")) {
      if (node.get("name").asText().equals(filter)) {
        return node.get("pairs").asInt();
      }
    }
    throw new AssertionError("no filter " + filter);
  }

  @Test
  void anAlleleOpenInPartLosesADrawAndWinsWhereItsStatedPartDecides() throws IOException {
    SyntheticWorld world =
        world()
            .allele("A*01:99", "exon1:*", "5UTR:*", "intron1:*", "3UTR:*")
            .allele("A*03:02", "exon1:*", "exon2:20", "5UTR:*", "intron1:*", "3UTR:*")
            .allele("A*03:88", "exon1:70", "exon2:20");
    ShotgunReads reads =
        new ShotgunReads(world, 7)
            .from(world.bases("A*01:01:01:01", WHOLE), 70)
            .from(world.bases("A*03:88", WHOLE), 70);
    Bench bench = typed(world, reads, "1");
    assertEquals(List.of("A*01:01:01:01", "A*03:88"), bench.called("s", "A"));
    String alleles = bench.locus("s", "A").get("alleles").toString();
    assertTrue(alleles.contains("A*01:99") && alleles.contains("A*03:02"), alleles);
  }

  @Test
  void drb345GenesWithoutReadsAreAbsent() throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(9)
            .gene("DRB1")
            .allele("DRB1*01:01:01")
            .geneLike("DRB3", "DRB1", 17)
            .allele("DRB3*01:01:01")
            .geneLike("DRB4", "DRB1", 19)
            .allele("DRB4*01:03:01");
    String drb1 = world.bases("DRB1*01:01:01", WHOLE);
    Bench bench = typed(world, new ShotgunReads(world, 8).from(drb1, 200), "2");
    assertEquals("no_drb345", bench.locus("s", "DRB345").get("state").asText());
    ShotgunReads both =
        new ShotgunReads(world, 8).from(drb1, 200).from(world.bases("DRB4*01:03:01", WHOLE), 100);
    assertEquals(List.of("DRB4*01:03:01"), typed(world, both, "2").called("s", "DRB345"));
  }

  private static SyntheticWorld drb() {
    return new SyntheticWorld(9)
        .gene("DRB1")
        .allele("DRB1*01:01:01")
        .geneLike("DRB3", "DRB1", 17)
        .allele("DRB3*01:01:01")
        .geneLike("DRB5", "DRB1", 15)
        .allele("DRB5*01:01:01")
        .allele("DRB5*02:02:01", "exon1:80", "exon2:90");
  }

  /** As DRB5 in releases that state its message only: one read, or a part of one, is in an exon. */
  @ParameterizedTest
  @ValueSource(ints = {40, 55, 70, 90, 110})
  void pairsThatLieInIntronsWhichTheReleaseLacksCountWithTheirExons(int ofExon) throws IOException {
    SyntheticWorld nature = drb();
    String allele = "DRB5*02:02:01";
    ShotgunReads reads =
        new ShotgunReads(nature, 8).from(nature.bases("DRB1*01:01:01", WHOLE), 200);
    for (int exon = 1; exon <= 2; exon++) {
      String before = nature.bases(allele, exon == 1 ? "5UTR" : "intron1");
      String own = nature.bases(allele, "exon" + exon);
      String after = nature.bases(allele, exon == 1 ? "intron1" : "3UTR");
      reads.reads().fragment(before + own.substring(0, ofExon), 15);
      reads.reads().fragment(own.substring(own.length() - ofExon) + after, 15);
      reads.reads().fragment(own, 15);
    }
    Bench bench = typed(drb().exonsOnly("DRB5"), reads, "2");
    assertEquals(List.of(allele), bench.called("s", "DRB345"));
    assertEquals(0, bench.lost("s", "no_allele_within_tolerance"));
  }

  @Test
  void aFileThatSaysNoneIsTheWordNoneForAnyNumberOfThreads() throws IOException {
    SyntheticWorld world = world();
    Bench bench = new Bench(folder, world).panel(NONE);
    for (int i = 0; i < 3; i++) {
      ShotgunReads reads =
          new ShotgunReads(world, 20 + i).from(world.bases("A*02:01:01:01", WHOLE), 60);
      bench.sample("s" + i, reads.from(world.bases("A*03:01:01:01", WHOLE), 60).reads());
    }
    assertEquals(0, bench.run("1", "--threads=1"));
    List<String> once = outputs(bench);
    Path file = Files.writeString(folder.resolve("none.tsv"), "# panel: none\n");
    assertEquals(0, bench.panel(file).run("1", "--threads=3"));
    assertEquals(once, outputs(bench));
  }

  private static List<String> outputs(Bench bench) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      texts.add(Files.readString(bench.out().resolve("s" + i).resolve("typing.json")));
    }
    return texts;
  }
}
