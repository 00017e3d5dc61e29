package org.gems.typer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;
import org.junit.jupiter.api.Test;

/** Where two alleles differ, and what hangs together. */
final class PhaseFinderTest {
  /** The first allele's bases by which its differences from the second are shown. */
  private static List<Integer> anchors(String own, String other) {
    return new PhaseFinder(table(own, other), 1)
        .differences(0, 1).stream().map(PhaseFinder.Difference::anchor).toList();
  }

  private static LocusTable table(String... rows) {
    List<byte[]> bytes = new ArrayList<>();
    List<AlleleEntry> alleles = new ArrayList<>();
    int[] rowOf = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      bytes.add(rows[i].getBytes(StandardCharsets.US_ASCII));
      rowOf[i] = i;
      alleles.add(new AlleleEntry(AlleleName.parse("A*0%d:01".formatted(i + 1)), "", "", ""));
    }
    return new LocusTable(
        "A", List.of(new LocusTable.Feature("exon1", bytes, rowOf, bytes.get(0), false)), alleles);
  }

  @Test
  void aBaseIsFoundWhereItLies() {
    assertEquals(List.of(1, 4), anchors("ACGTACGT", "ATGTCCGT"));
  }

  @Test
  void aGapIsAtTheBaseBeforeIt() {
    assertEquals(List.of(1, 4), anchors("AC.TAC", "ACGTGC"));
  }

  @Test
  void whatTheReleaseLeavesOpenIsNoDifference() {
    assertEquals(List.of(3), anchors("A*GTAC", "AGGCA*"));
  }

  @Test
  void exonsArePhasedWhereEnoughPairsShowBothBases() {
    PhaseFinder phase = new PhaseFinder(table("ACGTACGT", "ATGTCCGT"), 2);
    List<PhaseFinder.Difference> all = phase.differences(0, 1);
    phase.show(all);
    assertEquals(List.of(List.of("exon1"), List.of("exon1")), phase.blocks());
    phase.show(all);
    assertEquals(List.of(List.of("exon1")), phase.blocks());
  }
}
