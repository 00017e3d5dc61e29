package org.gems.typer.haplotype;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A read's bases from its primer on, two bits a base, and what each loses (thousandths of a natural
 * logarithm) where a sequence has another one; with the scratch of a walk over a {@link
 * PrefixTree}. Used again and again.
 */
public final class WeighedRead {
  private static final VarHandle EIGHT_BYTES =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int QUALITY = 63;

  private final int[] losses;
  private final int[] lossesBeyond;

  private byte[] packed = new byte[0];
  private int from;
  private int length;
  private long[] words = new long[16];
  private int[] lossFrom = new int[0];
  private boolean lossFromKnown;

  private int sure;
  private int[] surePlaces = new int[512];
  private int[] sureLosses = new int[512];
  private int sureBeyond;
  private int[] sureFrom = new int[513];

  private int mismatches;
  private int[] mismatchPlaces = new int[512];
  private int[] mismatchLosses = new int[512];

  /**
   * A read to be loaded.
   *
   * @param losses by quality, of a mismatch
   * @param lossesBeyond by quality, of a base that lies past a sequence's end
   */
  public WeighedRead(int[] losses, int[] lossesBeyond) {
    this.losses = losses;
    this.lossesBeyond = lossesBeyond;
  }

  /**
   * Takes over a read, whose bytes must stay as they are until the next one is loaded.
   *
   * @param bytes base in the upper two bits, quality in the lower six
   * @param start index of the first byte
   * @param newLength bases
   * @param complemented whether to take the other strand's bases, as a read from the far end needs
   */
  public void load(byte[] bytes, int start, int newLength, boolean complemented) {
    grow(newLength);
    packed = bytes;
    from = start;
    length = newLength;
    lossFromKnown = false;
    long flip = complemented ? -1L : 0;
    for (int w = 0; w < wordCount(); w++) {
      words[w] = word(bytes, start + w * PrefixTree.WORD_BP, start + newLength) ^ flip;
    }
  }

  /** The bases of up to 32 bytes; those past the end are not defined. */
  private static long word(byte[] bytes, int start, int end) {
    long word = 0;
    for (int part = 0; part < PrefixTree.WORD_BP; part += Long.BYTES) {
      int at = start + part;
      if (at + Long.BYTES <= bytes.length) {
        word |= bases((long) EIGHT_BYTES.get(bytes, at)) << (2 * part);
      } else {
        for (int i = at; i < end; i++) {
          word |= (long) ((bytes[i] & 0xff) >>> 6) << (2 * (i - start));
        }
        break;
      }
    }
    return word;
  }

  /** The upper two bits of each of eight bytes, side by side. */
  private static long bases(long bytes) {
    long pairs = bytes >>> 6 & 0x0303030303030303L;
    long fours = (pairs | pairs >>> 6) & 0x000f000f000f000fL;
    long eights = (fours | fours >>> 12) & 0x000000ff000000ffL;
    return (eights | eights >>> 24) & 0xffff;
  }

  private void grow(int needed) {
    if (needed < surePlaces.length) {
      return;
    }
    int size = Math.max(needed + 1, surePlaces.length * 2);
    words = new long[size / PrefixTree.WORD_BP + 1];
    surePlaces = new int[size];
    sureLosses = new int[size];
    sureFrom = new int[size + 1];
    mismatchPlaces = new int[size];
    mismatchLosses = new int[size];
  }

  /** Number of bases. */
  public int length() {
    return length;
  }

  int wordCount() {
    return (length + PrefixTree.WORD_BP - 1) / PrefixTree.WORD_BP;
  }

  long word(int index) {
    return words[index];
  }

  int base(int place) {
    return (int) (words[place / PrefixTree.WORD_BP] >>> (2 * (place % PrefixTree.WORD_BP))) & 3;
  }

  int loss(int place) {
    return losses[packed[from + place] & QUALITY];
  }

  /** What the bases from a place on lose past a sequence's end; nothing past the read's own. */
  int lossFrom(int place) {
    if (place >= length) {
      return 0;
    }
    if (!lossFromKnown) {
      sumBeyond();
    }
    return lossFrom[place];
  }

  private void sumBeyond() {
    if (lossFrom.length < length) {
      lossFrom = new int[2 * length];
    }
    int sum = 0;
    for (int i = length; i-- > 0; ) {
      sum += lossesBeyond[packed[from + i] & QUALITY];
      lossFrom[i] = sum;
    }
    lossFromKnown = true;
  }

  /** Begins a list of mismatches with every sequence, the last place first. */
  void clearSure(int lossBeyond) {
    sure = 0;
    sureBeyond = lossBeyond;
  }

  void addSure(int place) {
    surePlaces[sure] = place;
    sureLosses[sure] = loss(place) + sureLoss();
    sure++;
  }

  /** What all bases lose against any sequence. */
  int sureLoss() {
    return sure == 0 ? sureBeyond : sureLosses[sure - 1];
  }

  /** Ends the list: from now on {@link #sureLossFrom} answers. */
  void spreadSure() {
    int to = length + 1;
    int loss = sureBeyond;
    for (int i = 0; i < sure; i++) {
      Arrays.fill(sureFrom, surePlaces[i] + 1, to, loss);
      to = surePlaces[i] + 1;
      loss = sureLosses[i];
    }
    Arrays.fill(sureFrom, 0, to, loss);
  }

  /** What the bases from a place on lose against any sequence. */
  int sureLossFrom(int place) {
    return sureFrom[place];
  }

  /** Begins a walk. */
  void forgetMismatches() {
    mismatches = 0;
  }

  /** Goes back to a place of the sequence being walked. */
  void forgetMismatchesFrom(int place) {
    while (mismatches > 0 && mismatchPlaces[mismatches - 1] >= place) {
      mismatches--;
    }
  }

  /**
   * Adds a mismatch with the sequence being walked.
   *
   * @return the loss of all of them
   */
  int addMismatch(int place) {
    int sum = loss(place) + mismatchLoss();
    mismatchPlaces[mismatches] = place;
    mismatchLosses[mismatches++] = sum;
    return sum;
  }

  /** The loss of all mismatches with the sequence being walked. */
  int mismatchLoss() {
    return mismatches == 0 ? 0 : mismatchLosses[mismatches - 1];
  }
}
