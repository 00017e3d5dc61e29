package org.gems.typer.reads;

import java.util.Arrays;

/** One record of a FASTQ file, as far as typing looks at it. */
interface FastqRecord {
  /** Number of bases. */
  int length();

  /** ASCII bases, valid up to {@link #length}. */
  byte[] bases();

  /** ASCII qualities (Phred+33), valid like {@link #bases}. */
  byte[] qualities();

  /** The name that mates share. */
  String template();

  /** A number made of the template name, alike for all reads of a fragment. */
  long templateHash();

  /** 1 or 2 where the record's name says which read of the pair it is, else 0. */
  int mate();

  /**
   * Whether the sequencer's own filter (chastity) let the fragment fail: {@code 1:Y:} in its name.
   */
  boolean failedChastity();

  /** A copy that stays when the file is read on. */
  default FastqRecord kept() {
    return new KeptRecord(
        length(),
        Arrays.copyOf(bases(), length()),
        Arrays.copyOf(qualities(), length()),
        template(),
        templateHash(),
        mate(),
        failedChastity());
  }
}
