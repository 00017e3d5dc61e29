package org.gems.typer.library;

/**
 * One named sequence of the library.
 *
 * @param name its full name
 * @param gGroup its G group's full name, or empty
 * @param pGroup its P group's full name, or empty
 * @param ciwd its frequency category {@code C I WD R}, or empty
 */
public record AlleleEntry(AlleleName name, String gGroup, String pGroup, String ciwd) {
  /** Names with a higher second field were given when sequencing found rare alleles in masses. */
  private static final int LAST_OF_EARLY_NAMES = 99;

  /**
   * How rarely the allele is met: 0 to 3 by frequency category, from common to rare. Without one it
   * is 4 for a name given early, 5 for a later one, as common alleles were found first.
   */
  public int rarity() {
    return switch (ciwd) {
      case "C" -> 0;
      case "I" -> 1;
      case "WD" -> 2;
      case "R" -> 3;
      default -> name.isAmongFirst(LAST_OF_EARLY_NAMES) ? 4 : 5;
    };
  }
}
