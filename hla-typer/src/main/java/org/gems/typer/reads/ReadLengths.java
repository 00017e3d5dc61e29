package org.gems.typer.reads;

import org.gems.typer.BadInputException;

/**
 * Watches a file for long reads. Their errors are insertions and deletions, which a typer of short
 * reads takes for another sequence: every read would be lost, and the genes told as without reads.
 */
final class ReadLengths {
  /** Two reads of 300 bases that were merged have fewer; no short-read instrument writes more. */
  private static final int LONGEST_BP = 700;

  /** Enough reads to judge by, few enough to be told at once. */
  private static final int RECORDS = 200;

  private int records;
  private int tooLong;
  private int longest;

  /**
   * Looks at a record.
   *
   * @throws BadInputException where most of the first reads are long
   */
  void see(FastqReader read) {
    if (records >= RECORDS) {
      return;
    }
    records++;
    tooLong += read.length() > LONGEST_BP ? 1 : 0;
    longest = Math.max(longest, read.length());
    if (records == RECORDS) {
      judge(read.file());
    }
  }

  /**
   * Settles the matter at the file's end, or after the first reads.
   *
   * @throws BadInputException where most of them are long
   */
  void judge(String file) {
    if (2 * tooLong > records) {
      throw new BadInputException(
          file,
          2,
          "reads of at most %d bases, as Illumina writes them".formatted(LONGEST_BP),
          "%d of the first %d longer, up to %d bases (nanopore or HiFi)"
              .formatted(tooLong, records, longest),
          "type long reads with a typer made for them");
    }
  }
}
