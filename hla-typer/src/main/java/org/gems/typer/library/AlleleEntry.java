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
  /** Rank of the frequency category: 0 for common, 4 for none. */
  public int ciwdRank() {
    return switch (ciwd) {
      case "C" -> 0;
      case "I" -> 1;
      case "WD" -> 2;
      case "R" -> 3;
      default -> 4;
    };
  }
}
