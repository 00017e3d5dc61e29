package org.gems.typer.evidence;

/**
 * One insertion or deletion in a sequence, in the last place that equal bases allow.
 *
 * @param index of the first base that is missing, or before which others stand
 * @param missing how many bases are missing
 * @param inserted the bases that stand there
 */
record Gap(int index, int missing, String inserted) {
  /** No gap, behind the end of every sequence. */
  static final Gap NONE = new Gap(Integer.MAX_VALUE / 2, 0, "");

  /** By how many bases what follows is shifted towards the sequence's end. */
  int shift() {
    return inserted.length() - missing;
  }
}
