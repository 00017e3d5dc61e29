package org.gems.typer.reads;

/**
 * Bases that each read of a sample begins with and that are not the patient's: a barcode or a
 * molecular identifier (UMI), which some kits put before the primers. They are left out.
 *
 * @param first bases of each first read
 * @param second bases of each second read
 */
public record LeadingBases(int first, int second) {
  /** A sample whose reads begin with what was sequenced. */
  public static final LeadingBases NONE = new LeadingBases(0, 0);

  /** Whether any read begins with such bases. */
  public boolean isAny() {
    return first > 0 || second > 0;
  }
}
