package org.gems.typer.library;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How rare an allele is held to be. */
final class AlleleEntryTest {
  @ParameterizedTest
  @CsvSource({
    "A*02:01:01:01, C, 0",
    "A*02:101, I, 1",
    "A*02:1001, WD, 2",
    "A*02:07, R, 3",
    "A*02:99, '', 4",
    "A*02:100, '', 5",
    "B*27:249, '', 5",
    "MICA*010, '', 4"
  })
  void theCategoryTellsAndWithoutOneHowEarlyTheNameWasGiven(String name, String ciwd, int rarity) {
    AlleleEntry entry = new AlleleEntry(AlleleName.parse(name), "", "", ciwd);
    assertEquals(rarity, entry.rarity());
  }
}
