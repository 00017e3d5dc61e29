package org.gems.typer.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.genotype.Place;
import org.junit.jupiter.api.Test;

/** Sequences laid on places that do not simply hold them. */
final class PlaceAlignerTest {
  private static List<Place> places(String symbols) {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < symbols.length(); i++) {
      places.add(new Place(0, i, i + 1, symbols.charAt(i)));
    }
    return places;
  }

  private static List<Integer> positions(String symbols, String sequence) {
    return PlaceAligner.align(places(symbols), sequence).stream().map(Place::position).toList();
  }

  @Test
  void placesAtBothEndsAreFree() {
    assertEquals(List.of(3, 4, 5, 6), positions("TTACGGTT", "ACGG"));
  }

  @Test
  void anOpenPlaceFitsAnyBase() {
    assertEquals(List.of(3, 4, 5, 6), positions("TTA*GGTT", "ACGG"));
  }

  @Test
  void aMissingBaseSkipsItsPlace() {
    assertEquals(List.of(1, 2, 3, 5, 6, 7), positions("ACGTCAT", "ACGCAT"));
  }

  @Test
  void anAddedBaseSharesThePlaceBeforeIt() {
    assertEquals(List.of(1, 2, 3, 3, 4, 5, 6), positions("ACGCAT", "ACGTCAT"));
  }
}
