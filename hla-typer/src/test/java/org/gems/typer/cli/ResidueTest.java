package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gems.typer.testing.Bench;
import org.gems.typer.testing.Reads;
import org.gems.typer.testing.SyntheticWorld;
import org.gems.typer.testing.Worlds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the typer says of pairs that the called alleles do not explain. */
final class ResidueTest {
  @TempDir private Path folder;

  private static Reads person(SyntheticWorld world, int seed, String one, String two, int pairs) {
    Reads reads = new Reads(world, seed);
    for (String gene : List.of("A", "B", "C")) {
      reads.allele(gene + one, pairs).allele(gene + two, pairs);
    }
    return reads;
  }

  private static JsonNode flag(Bench bench, String locus, String code) throws IOException {
    for (JsonNode flag : bench.locus("s", locus).get("flags")) {
      if (flag.get("code").asText().equals(code)) {
        return flag.get("evidence");
      }
    }
    throw new AssertionError("no flag " + code + " in " + bench.flags("s", locus));
  }

  private static Reads contaminated(SyntheticWorld world) {
    Reads reads = person(world, 1, "*02:01", "*03:01", 100);
    for (String gene : List.of("A", "B", "C")) {
      reads.allele(gene + "*04:01", 5);
    }
    return reads;
  }

  @Test
  void aThirdAlleleIsFlaggedWithItsShareAndTheSampleThatHasIt() throws IOException {
    SyntheticWorld world = Worlds.threeGenes();
    Bench bench = new Bench(folder, world, "A", "B", "C").sample("s", contaminated(world));
    bench.sample("other", person(world, 2, "*01:01", "*05:01", 60));
    bench.sample("source", person(world, 3, "*04:01", "*05:01", 60));
    assertEquals(0, bench.run("1"));
    assertEquals(List.of("B*02:01", "B*03:01"), bench.called("s", "B"));
    JsonNode evidence = flag(bench, "B", "third_allele_suspected");
    assertEquals("B*04:01", evidence.get("allele").asText());
    assertEquals(0.024, evidence.get("share").asDouble(), 0.005);
    assertEquals("source", evidence.get("sample").asText());
    assertEquals(3, evidence.get("loci_agreeing").asInt());
    assertFalse(bench.flags("other", "B").contains("third_allele_suspected"));
    assertFalse(bench.flags("source", "B").contains("third_allele_suspected"));
  }

  @Test
  void theSourcesShareIsOfAllItsPairsHoweverManyAnAmpliconHas() throws IOException {
    SyntheticWorld world = Worlds.threeGenes();
    Reads reads = person(world, 1, "*02:01", "*03:01", 270);
    for (String gene : List.of("A", "B", "C")) {
      reads.allele(gene + "*04:01", 60);
    }
    Bench bench = new Bench(folder, world, "A", "B", "C").sample("s", reads);
    bench.sample("source", person(world, 3, "*04:01", "*05:01", 60));
    assertEquals(0, bench.run("1"));
    JsonNode evidence = flag(bench, "B", "third_allele_suspected");
    assertEquals("source", evidence.get("sample").asText());
    assertEquals(0.1, evidence.get("share").asDouble(), 0.01);
    assertEquals(0.1, evidence.get("sample_share").asDouble(), 0.01);
    assertEquals(360, evidence.get("sample_pairs").asInt(), 20);
  }

  @Test
  void aThirdAlleleThatNoSampleHasIsSaidToBeNobodys() throws IOException {
    SyntheticWorld world = Worlds.threeGenes();
    Bench bench = new Bench(folder, world, "A", "B", "C").sample("s", contaminated(world));
    bench.sample("other", person(world, 2, "*01:01", "*05:01", 60));
    assertEquals(0, bench.run("1"));
    assertEquals("", flag(bench, "B", "third_allele_suspected").get("sample").asText());
  }

  @Test
  void theComparisonIsTheSameForAnyNumberOfThreads() throws IOException {
    SyntheticWorld world = Worlds.threeGenes();
    Bench bench = new Bench(folder, world, "A", "B", "C").sample("s", contaminated(world));
    bench.sample("source", person(world, 3, "*04:01", "*05:01", 60));
    assertEquals(0, bench.run("1"));
    JsonNode alone = bench.typing("s");
    assertEquals(0, bench.run("1", "--threads=2"));
    assertEquals(alone, bench.typing("s"));
  }

  @Test
  void pairsOfTwoAllelesAreChimerasAndNoThirdAllele() throws IOException {
    SyntheticWorld world =
        Worlds.threeGenes().allele("A*06:01", "exon1:70", "exon2:50", "exon2:90");
    String first = world.amplicon("A*02:01", 2);
    String second = world.amplicon("A*03:01", 2);
    // Bases 50 and 90 of exon 2 stand 110 and 150 bases into the amplicon.
    String chimera = first.substring(0, 130) + second.substring(130);
    Reads reads = person(world, 4, "*02:01", "*03:01", 60).fragment(chimera, 20);
    Bench bench = new Bench(folder, world, "A", "B", "C").sample("s", reads);
    assertEquals(0, bench.run("1"));
    assertEquals(List.of("A*02:01", "A*03:01"), bench.called("s", "A"));
    JsonNode evidence = flag(bench, "A", "chimera_suspected");
    assertEquals("A*02:01 x A*03:01", evidence.get("parents").asText());
    assertEquals(20, evidence.get("pairs").asInt());
    // Positions in the amplicon, without the primer's 20 bases.
    assertEquals(91, evidence.get("breakpoint_from").asInt());
    assertEquals(130, evidence.get("breakpoint_to").asInt());
    assertFalse(bench.flags("s", "A").contains("third_allele_suspected"));
  }

  @Test
  void aCalledAlleleThatAChimeraOfTwoGenesWouldEqualIsFlagged() throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(9)
            .gene("DRB1")
            .allele("DRB1*03:01")
            .allele(
                "DRB1*03:42",
                "exon2:84",
                "exon2:101",
                "exon2:118",
                "exon2:135",
                "3UTR:16",
                "3UTR:33")
            .geneLike("DRB3", "DRB1", 17)
            .allele("DRB3*01:01");
    Reads reads =
        new Reads(world, 5)
            .allele("DRB1*03:01", 150)
            .exon("DRB1*03:42", 2, 25)
            .allele("DRB3*01:01", 80);
    Bench bench = new Bench(folder, world, "DRB1", "DRB3").sample("s", reads);
    assertEquals(0, bench.run("2"));
    assertEquals(List.of("DRB1*03:01", "DRB1*03:42"), bench.called("s", "DRB1"));
    JsonNode evidence = flag(bench, "DRB1", "chimera_equals_allele");
    assertEquals("DRB1*03:42", evidence.get("allele").asText());
    assertEquals("DRB1*03:01 x DRB3*01:01", evidence.get("parents").asText());
  }

  @Test
  void aStretchOfAnotherGeneInACalledAlleleIsFlaggedToo() throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(9)
            .gene("DRB1")
            .allele("DRB1*03:01")
            .allele("DRB1*03:43", "exon2:33", "exon2:50", "exon2:67")
            .allele("DRB1*04:01", "exon1:30", "exon1:90", "exon2:25", "exon2:110")
            .geneLike("DRB3", "DRB1", 17)
            .allele("DRB3*01:01");
    Reads reads = new Reads(world, 7).allele("DRB1*03:01", 150).allele("DRB3*01:01", 80);
    reads.exon("DRB1*03:43", 2, 25);
    Bench called = new Bench(folder, world, "DRB1", "DRB3").sample("s", reads);
    assertEquals(0, called.run("2"));
    assertEquals(
        "DRB1*03:43", flag(called, "DRB1", "chimera_equals_allele").get("allele").asText());
    Bench third = new Bench(folder, world, "DRB1", "DRB3");
    third.sample("s", reads.allele("DRB1*04:01", 150));
    assertEquals(0, third.run("2"));
    assertEquals(List.of("DRB1*03:01", "DRB1*04:01"), third.called("s", "DRB1"));
    assertEquals("DRB1*03:43", flag(third, "DRB1", "chimera_suspected").get("equals").asText());
    assertFalse(third.flags("s", "DRB1").contains("third_allele_suspected"));
  }

  @Test
  void aPseudogeneThatThePrimersCopyIsFlagged() throws IOException {
    SyntheticWorld world = Worlds.threeGenes().geneLike("H", "A", 13).allele("H*01:01");
    Reads reads = person(world, 6, "*02:01", "*03:01", 50).exon("H*01:01", 2, 25);
    Bench bench = new Bench(folder, world, "A", "B", "C").sample("s", reads);
    assertEquals(0, bench.run("1"));
    JsonNode evidence = flag(bench, "A", "pseudogene_reads");
    assertEquals("H", evidence.get("gene").asText());
    assertEquals("Exon 2", evidence.get("amplicon").asText());
    assertEquals(0.2, evidence.get("share").asDouble(), 0.01);
    assertTrue(bench.flags("s", "B").stream().noneMatch("pseudogene_reads"::equals));
  }
}
