package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

/** Names that differ outside of exons only, by reads from anywhere in the genes. */
final class FullNamesTest {
  private static final String[] WHOLE = SyntheticWorld.FEATURES.toArray(String[]::new);
  private static final String FIRST = "A*02:01:01:01";
  private static final String SECOND = "A*02:01:01:02";
  private static final String OPEN = "A*02:01:01:03";
  private static final String PARTNER = "A*03:01:01:01";

  @TempDir private Path folder;

  /** A second allele with the exons of the first one. */
  private static SyntheticWorld world(String... changes) {
    List<String> all = new ArrayList<>(List.of("exon1:30", "exon2:50"));
    all.addAll(List.of(changes));
    return Worlds.geneA().allele(SECOND, all.toArray(String[]::new));
  }

  private Bench typed(SyntheticWorld world, Reads reads) throws IOException {
    Bench bench = new Bench(folder, world).panel(Path.of("none")).sample("s", reads);
    assertEquals(0, bench.run("1"));
    return bench;
  }

  private Bench typed(SyntheticWorld known, SyntheticWorld nature, String one, String two)
      throws IOException {
    ShotgunReads reads =
        new ShotgunReads(nature, 5)
            .from(nature.bases(one, WHOLE), 120)
            .from(nature.bases(two, WHOLE), 120);
    return typed(known, reads.reads());
  }

  private static List<String> names(Bench bench, String allele) throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode called : bench.locus("s", "A").get("alleles")) {
      if (called.get("name").asText().equals(allele)) {
        called.get("ambiguities").forEach(name -> names.add(name.asText()));
      }
    }
    return names;
  }

  @ParameterizedTest
  @CsvSource({
    "5UTR:70, A*02:01:01:01",
    "5UTR:70, A*02:01:01:02",
    "intron1:4, A*02:01:01:02",
    "intron1:80, A*02:01:01:01",
    "intron1:80, A*02:01:01:02",
    "intron1:-, A*02:01:01:01",
    "intron1:-, A*02:01:01:02",
    "3UTR:40, A*02:01:01:01",
    "3UTR:40, A*02:01:01:02"
  })
  void aBaseOutsideOfExonsDecidesBesideAnotherAlleleAndAlone(String change, String truth)
      throws IOException {
    SyntheticWorld world = world(change);
    for (String partner : List.of(PARTNER, truth)) {
      Bench bench = typed(world, world, truth, partner);
      assertEquals(truth, bench.called("s", "A").get(0));
      assertEquals(List.of(truth), names(bench, truth));
      assertEquals(List.of(), bench.flags("s", "A"));
    }
  }

  @Test
  void twoAllelesThatDifferInAnIntronOnlyAreBothCalled() throws IOException {
    SyntheticWorld world = world("intron1:80");
    Bench bench = typed(world, world, FIRST, SECOND);
    assertEquals(List.of(FIRST, SECOND), bench.called("s", "A"));
    assertEquals("A*02:01:01:01+A*02:01:01:02", bench.locus("s", "A").get("gl_string").asText());
    assertEquals("heterozygous", bench.locus("s", "A").get("state").asText());
  }

  /**
   * Most reads over a repeat end in it. They fit every length, wherever the release has its gap,
   * and along whichever allele they were laid.
   */
  @ParameterizedTest
  @CsvSource({
    "TG, 20, 25, 22, true", "TG, 20, 25, 22, false", "TG, 25, 20, 22, true",
        "TG, 25, 20, 22, false",
    "AGGA, 9, 8, 3, true", "AGGA, 9, 8, 3, false", "AGGA, 8, 9, 3, true", "AGGA, 8, 9, 3, false",
    "A, 9, 10, 12, true", "A, 9, 10, 12, false", "ACT, 14, 12, 13, true", "ACT, 14, 12, 13, false"
  })
  void theLengthOfARepeatDecidesByTheReadsThatReachAcrossIt(
      String unit, int first, int second, int partner, boolean isGapFirst) throws IOException {
    SyntheticWorld world =
        world("intron1:20")
            .repeat(
                "A",
                "intron1",
                90,
                unit,
                isGapFirst,
                Map.of(FIRST, first, SECOND, second, PARTNER, partner));
    for (String truth : List.of(FIRST, SECOND)) {
      for (int pairs : List.of(80, 320)) {
        ShotgunReads reads =
            new ShotgunReads(world, 5)
                .from(world.bases(truth, WHOLE), pairs)
                .from(world.bases(PARTNER, WHOLE), 400 - pairs);
        Bench bench = typed(world, reads.reads());
        assertEquals(List.of(truth, PARTNER), bench.called("s", "A"));
        assertEquals(List.of(truth), names(bench, truth));
      }
    }
  }

  @Test
  void whereNoReadShowsTheBaseBothNamesAreListed() throws IOException {
    SyntheticWorld world = world("intron1:80");
    Reads reads = new Reads(world, 4);
    for (int exon = 1; exon <= 2; exon++) {
      reads.fragment(world.around(SECOND, exon), 60).fragment(world.around(PARTNER, exon), 60);
    }
    Bench bench = typed(world, reads);
    assertEquals(List.of(FIRST, PARTNER), bench.called("s", "A"));
    assertEquals(List.of(FIRST, SECOND), names(bench, FIRST));
  }

  /** What the release does not state is no match, and cannot be excluded either. */
  @ParameterizedTest
  @ValueSource(strings = {FIRST, SECOND})
  void anAlleleWithAnOpenIntronIsListedAndNeverCalledBesideAStatedOne(String truth)
      throws IOException {
    SyntheticWorld world =
        world("intron1:80").allele(OPEN, "exon1:30", "exon2:50", "intron1:*").common(OPEN, "C");
    Bench bench = typed(world, world, truth, PARTNER);
    assertEquals(List.of(truth, PARTNER), bench.called("s", "A"));
    assertEquals(List.of(truth, OPEN), names(bench, truth));
  }

  @ParameterizedTest
  @CsvSource({"intron1:40, intron1, 41", "intron1:100, intron1, 101", "5UTR:100, 5UTR, 101"})
  void aNewBaseOutsideOfExonsIsTold(String change, String feature, int position)
      throws IOException {
    SyntheticWorld known = world("intron1:80");
    SyntheticWorld nature = world("intron1:80").allele("A*02:99", "exon1:30", "exon2:50", change);
    Bench bench = typed(known, nature, "A*02:99", PARTNER);
    assertEquals(List.of(FIRST, PARTNER), bench.called("s", "A"));
    JsonNode evidence = bench.evidence("s", "A", "possible_new_allele");
    assertEquals(FIRST, evidence.get("allele").asText());
    assertEquals(feature, evidence.get("feature").asText());
    assertEquals(position, evidence.get("position").asInt());
  }

  @Test
  void aBaseThatTheReleaseLeavesOpenInAnIntronIsNotNew() throws IOException {
    SyntheticWorld known = Worlds.geneA().allele("A*04:01", "exon1:90", "exon2:20", "intron1:*");
    SyntheticWorld nature = Worlds.geneA().allele("A*04:01", "exon1:90", "exon2:20", "intron1:60");
    Bench bench = typed(known, nature, "A*04:01", PARTNER);
    assertTrue(bench.called("s", "A").contains("A*04:01"));
    assertFalse(bench.flags("s", "A").contains("possible_new_allele"));
  }
}
