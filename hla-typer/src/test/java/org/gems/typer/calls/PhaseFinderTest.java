package org.gems.typer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.gems.typer.calls.SequencePlaces.Place;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;
import org.junit.jupiter.api.Test;

/** Where in a sequence the bases lie in which two alleles differ. */
final class PhaseFinderTest {
  /** Indices of the differences in a sequence whose bases lie in these columns. */
  private static List<Integer> indices(String own, String other, int... columns) {
    PlacedSide side = PlacedSide.of(null, 0, places(own, columns), new double[columns.length]);
    return new PhaseFinder(table(own, other), 1)
        .differences(side, 1).stream().map(PhaseFinder.Difference::index).toList();
  }

  private static List<Place> places(String row, int... columns) {
    List<Place> places = new ArrayList<>();
    for (int column : columns) {
      places.add(new Place(0, column, column + 1, row.charAt(column)));
    }
    return places;
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
    assertEquals(List.of(1, 4), indices("ACGTACGT", "ATGTCCGT", 0, 1, 2, 3, 4, 5, 6, 7));
  }

  @Test
  void basesBehindAnInsertedOneAreFoundWhereTheyLie() {
    assertEquals(List.of(1, 5), indices("ACGTACGT", "ATGTCCGT", 0, 1, 2, 2, 3, 4, 5, 6, 7));
  }

  @Test
  void basesBehindSeveralInsertedOnesAreFoundWhereTheyLie() {
    assertEquals(List.of(2, 7), indices("ACGTACGT", "ATGTCCGT", 0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7));
  }

  @Test
  void aBaseIsItsColumnsFirstThoughAnotherIsInsertedBehindIt() {
    assertEquals(List.of(1), indices("ACGT", "ATGT", 0, 1, 1, 2, 3));
  }

  @Test
  void aGapIsAtTheBaseBeforeItAndLosesNoPlace() {
    assertEquals(List.of(1, 3), indices("AC.TAC", "ACGTGC", 0, 1, 3, 4, 5));
  }
}
