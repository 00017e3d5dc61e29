package org.gems.typer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.params.provider.EnumSource;

/** The table of candidates by place, by which a person sees why an allele is not called. */
final class SameCountsTest {
  private static final String ONE = "B*02:01";
  private static final String TWO = "B*10:01";
  private static final String NEAR = "B*02:07";
  private static final String OPEN = "B*02:09";

  @TempDir private Path folder;

  private static SyntheticWorld world() {
    return new SyntheticWorld(7)
        .gene("B")
        .allele("B*01:01")
        .allele(TWO, "exon1:70", "exon2:90")
        .allele(ONE, "exon1:30", "exon2:50")
        .allele(NEAR, "exon1:30", "exon2:50", "exon2:100")
        .allele(OPEN, "exon1:*", "exon2:50");
  }

  private Bench typed(Way way) throws IOException {
    Donor donor = way.donor(world(), 1);
    for (int exon = 1; exon <= 2; exon++) {
      donor.exon(TWO, exon, 60).exon(ONE, exon, 40);
    }
    Bench bench = way.bench(folder, world(), "B").sample("s", donor.reads());
    assertEquals(0, bench.run("1"));
    return bench;
  }

  private static JsonNode row(Bench bench, String allele) throws IOException {
    for (JsonNode row : bench.locus("s", "B").at("/candidate_pairs/rows")) {
      if (row.get("allele").asText().equals(allele)) {
        return row;
      }
    }
    throw new AssertionError(allele + " is not in " + bench.locus("s", "B").get("candidate_pairs"));
  }

  @ParameterizedTest
  @EnumSource
  void eachPlaceHasTheNumberOfPairsThatFitACalledAllele(Way way) throws IOException {
    JsonNode called = row(typed(way), ONE);
    assertTrue(called.get("called").asBoolean());
    assertEquals(2, called.get("pairs").size());
    assertEquals(40, called.at("/pairs/0").asInt(), 2);
    assertEquals(40, called.at("/pairs/1").asInt(), 2);
  }

  @ParameterizedTest
  @EnumSource
  void aPlaceWhereACandidateHasAnotherBaseThanItsPairsIsZero(Way way) throws IOException {
    JsonNode near = row(typed(way), NEAR);
    assertFalse(near.get("called").asBoolean());
    assertEquals(40, near.at("/pairs/0").asInt(), 2);
    assertEquals(0, near.at("/pairs/1").asInt(), 1);
  }

  @ParameterizedTest
  @EnumSource
  void aPlaceThatTheReleaseDoesNotStateIsNull(Way way) throws IOException {
    JsonNode open = row(typed(way), OPEN);
    assertTrue(open.at("/pairs/0").isNull(), open.toString());
    assertEquals(40, open.at("/pairs/1").asInt(), 2);
  }

  @ParameterizedTest
  @EnumSource
  void theAlleleOfTheLowerNumberStandsFirstWhicheverIsCommoner(Way way) throws IOException {
    Bench bench = typed(way);
    assertEquals(List.of(ONE, TWO), bench.called("s", "B"));
    String written = bench.locus("s", "B").get("gl_string").asText();
    assertTrue(written.startsWith(ONE) && written.endsWith("+" + TWO), written);
    assertEquals(ONE, bench.locus("s", "B").at("/candidates/0/alleles/0").asText());
    assertEquals(ONE, bench.locus("s", "B").at("/coverage/0/allele").asText());
  }
}
