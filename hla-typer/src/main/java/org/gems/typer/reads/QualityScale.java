package org.gems.typer.reads;

import org.gems.typer.BadInputException;

/**
 * Watches a file's qualities for the scale of instruments before 2011, which wrote them from {@code
 * '@'} on (Phred+64). Read as Phred+33 every base of such a file would be believed beyond reason.
 */
final class QualityScale {
  /** The lowest letter of Phred+64; in Phred+33 a quality of 31, below which any run has bases. */
  private static final byte LOWEST_OF_64 = '@';

  /** Phred+33 quality 42, above which no base of a sequencer's own file lies in a short read. */
  private static final byte HIGHEST_OF_33 = 'K';

  /** Enough reads to meet a weak base, few enough to be told at once. */
  private static final int RECORDS = 2000;

  private long bases;
  private long above;
  private boolean settled;
  private byte lowest = Byte.MAX_VALUE;
  private byte highest;
  private int records;

  /**
   * Looks at a record.
   *
   * @throws BadInputException where the first reads are all of the old scale
   */
  void see(FastqReader read) {
    if (settled) {
      return;
    }
    byte[] qualities = read.qualities();
    for (int i = 0; i < read.length(); i++) {
      if (qualities[i] < LOWEST_OF_64) {
        settled = true;
        return;
      }
      above += qualities[i] > HIGHEST_OF_33 ? 1 : 0;
      lowest = (byte) Math.min(lowest, qualities[i]);
      highest = (byte) Math.max(highest, qualities[i]);
    }
    bases += read.length();
    records++;
    if (records == RECORDS) {
      judge(read.file());
    }
  }

  /**
   * Settles the matter at the file's end. One quality for all bases, such as {@code '~'}, is made
   * up by a program and says nothing of a scale.
   *
   * @throws BadInputException where all its reads are of the old scale
   */
  void judge(String file) {
    boolean isConstant = lowest >= highest;
    if (!settled && !isConstant && above * 2 > bases) {
      throw new BadInputException(
          file,
          4,
          "qualities in Phred+33",
          "none below '@' and more than half above 'K' in the first %d reads, as in Phred+64"
              .formatted(records),
          "convert the qualities to Phred+33 (the scale of every instrument since 2011)");
    }
    settled = true;
  }
}
