package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Donor;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Way;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** More than two alleles of a gene, which are told of with a panel and without. */
final class SamePeopleTest {
  private static final List<String> GENES = List.of("A", "B", "C");

  @TempDir private Path folder;

  /** Three genes, and the pseudogene without which A's strays might be its reads. */
  private static SyntheticWorld world() {
    return Worlds.threeGenes().geneLike("H", "A", 13).allele("H*01:01");
  }

  /** Two alleles of each gene at a depth, and a third one in the genes that are named. */
  private static Donor person(
      Way way, SyntheticWorld world, long seed, int thirdDepth, List<String> inGenes) {
    Donor donor = way.donor(world, seed);
    for (String gene : GENES) {
      donor.allele(gene + "*02:01", 100).allele(gene + "*03:01", 100);
      if (inGenes.contains(gene)) {
        donor.allele(gene + "*04:01", thirdDepth);
      }
    }
    return donor;
  }

  private Bench typed(Way way, SyntheticWorld world, Donor donor) throws IOException {
    Bench bench = way.bench(folder, world, "A", "B", "C").sample("s", donor.reads());
    assertEquals(0, bench.run("1"));
    return bench;
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 10", "NONE, 10", "PANEL, 25", "NONE, 25", "PANEL, 50", "NONE, 50"})
  void aThirdAlleleOfOneGeneIsSuspectedThereAndNobodyElseIs(Way way, int depth) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, person(way, world, 1, depth, List.of("B")));
    assertEquals(List.of("B*02:01", "B*03:01"), bench.called("s", "B"));
    JsonNode evidence = bench.evidence("s", "B", "third_allele_suspected");
    assertEquals("B*04:01", evidence.get("allele").asText());
    assertEquals(depth / (200.0 + depth), evidence.get("share").asDouble(), 0.05);
    assertEquals(List.of(), bench.sharedFlags("s", "A"));
    assertEquals(List.of(), bench.sharedFlags("s", "C"));
    assertEquals("[]", bench.typing("s").get("flags").toString());
  }

  @ParameterizedTest
  @CsvSource({"PANEL, 20", "NONE, 20", "PANEL, 50", "NONE, 50"})
  void thirdAllelesOfThreeGenesAreAnotherPersons(Way way, int depth) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, person(way, world, 2, depth, GENES));
    for (String gene : GENES) {
      assertEquals(List.of(gene + "*02:01", gene + "*03:01"), bench.called("s", gene));
    }
    JsonNode evidence = Bench.flag(bench.typing("s"), "several_people_suspected").get("evidence");
    assertEquals("A, B, C", evidence.get("loci").asText());
    assertEquals(3, evidence.get("loci_called").asInt());
    assertEquals(depth / (200.0 + depth), evidence.get("share").asDouble(), 0.05);
  }

  @ParameterizedTest
  @EnumSource
  void thirdAllelesOfTwoGenesAreNotYetAnotherPersons(Way way) throws IOException {
    SyntheticWorld world = world();
    Bench bench = typed(way, world, person(way, world, 3, 25, List.of("A", "C")));
    assertEquals("[]", bench.typing("s").get("flags").toString());
  }

  @ParameterizedTest
  @EnumSource
  void twoPeopleInEqualPartsAreSuspectedWhateverIsCalled(Way way) throws IOException {
    SyntheticWorld world = world();
    Donor donor = way.donor(world, 4);
    for (String gene : GENES) {
      for (String allele : List.of("*02:01", "*03:01", "*04:01", "*05:01")) {
        donor.allele(gene + allele, 60);
      }
    }
    Bench bench = typed(way, world, donor);
    JsonNode evidence = Bench.flag(bench.typing("s"), "several_people_suspected").get("evidence");
    assertEquals("A, B, C", evidence.get("loci").asText());
    assertEquals(0.5, evidence.get("share").asDouble(), 0.1);
  }

  @ParameterizedTest
  @EnumSource
  void aThirdAlleleIsTracedToTheSampleThatHasIt(Way way) throws IOException {
    SyntheticWorld world = world();
    Bench bench = way.bench(folder, world, "A", "B", "C");
    bench.sample("s", person(way, world, 5, 12, GENES).reads());
    Donor source = way.donor(world, 6);
    Donor other = way.donor(world, 7);
    for (String gene : GENES) {
      source.allele(gene + "*04:01", 60).allele(gene + "*05:01", 60);
      other.allele(gene + "*01:01", 60).allele(gene + "*05:01", 60);
    }
    bench.sample("source", source.reads()).sample("other", other.reads());
    assertEquals(0, bench.run("1"));
    JsonNode evidence = bench.evidence("s", "B", "third_allele_suspected");
    assertEquals("B*04:01", evidence.get("allele").asText());
    assertEquals("source", evidence.get("sample").asText());
    assertEquals(3, evidence.get("loci_agreeing").asInt());
    assertFalse(bench.flags("source", "B").contains("third_allele_suspected"));
    assertFalse(bench.flags("other", "B").contains("third_allele_suspected"));
  }
}
