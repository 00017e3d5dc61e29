package org.gems.typer.haplotype;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Sequences that are anchored at a common end, sorted, so that a read walks over what they share
 * once. The next sequence in order is read from where it departs from the one before; once a read
 * has lost too much, all sequences that share the losing bases are left out together. This is a
 * depth-first walk over the sequences' trie, kept as shared prefix lengths.
 */
public final class PrefixTree {
  /** Bases in a word of two bits a base. */
  static final int WORD_BP = 32;

  /** Of each base's two bits the lower one. */
  static final long LOW_BITS = 0x5555555555555555L;

  private static final int NONE = -1;

  private final int[] sequenceAt;
  private final int[] rankOf;
  private final int[] length;
  private final int[] shared;
  private final long[] branches;
  private final int shortest;
  private final int longest;
  private final int wordsEach;
  private final long[] words;
  private final long[][] absent;

  /**
   * What a tree is made of, by rank in the order of the sequences; for keeping it in a file.
   *
   * @param sequenceAt the number of the sequence at each rank
   * @param length bases of each
   * @param shared bases that each shares with the one before it
   * @param words two bits a base, equally many words for each
   */
  public record Parts(int[] sequenceAt, int[] length, int[] shared, long[] words) {}

  /** A tree of kept parts. */
  public PrefixTree(Parts parts) {
    sequenceAt = parts.sequenceAt();
    length = parts.length();
    shared = parts.shared();
    words = parts.words();
    wordsEach = words.length / Math.max(1, length.length);
    rankOf = new int[Arrays.stream(sequenceAt).max().orElse(NONE) + 1];
    Arrays.fill(rankOf, NONE);
    for (int rank = 0; rank < sequenceAt.length; rank++) {
      rankOf[sequenceAt[rank]] = rank;
    }
    shortest = Arrays.stream(length).min().orElse(0);
    longest = Arrays.stream(length).max().orElse(0);
    absent = absent();
    branches = branches(nextShallower(shared));
  }

  /**
   * A tree of sequences that are anchored at their index 0.
   *
   * @param anchored codes of A C G T
   * @param numbers indices of those to take
   */
  static PrefixTree of(byte[][] anchored, int[] numbers) {
    int[] order =
        Arrays.stream(numbers)
            .boxed()
            .sorted(Comparator.comparing(s -> anchored[s], Arrays::compare))
            .mapToInt(Integer::intValue)
            .toArray();
    int longest = Arrays.stream(numbers).map(s -> anchored[s].length).max().orElse(0);
    int wordsEach = (longest + WORD_BP - 1) / WORD_BP;
    int[] length = new int[order.length];
    int[] shared = new int[order.length];
    long[] words = new long[order.length * wordsEach];
    for (int rank = 0; rank < order.length; rank++) {
      byte[] sequence = anchored[order[rank]];
      length[rank] = sequence.length;
      shared[rank] = rank == 0 ? 0 : sharedBp(anchored[order[rank - 1]], sequence);
      pack(sequence, words, rank * wordsEach);
    }
    return new PrefixTree(new Parts(order, length, shared, words));
  }

  private static int sharedBp(byte[] one, byte[] two) {
    int mismatch = Arrays.mismatch(one, two);
    return mismatch < 0 ? one.length : mismatch;
  }

  private static void pack(byte[] sequence, long[] words, int at) {
    for (int i = 0; i < sequence.length; i++) {
      if (sequence[i] > 3) {
        throw new IllegalArgumentException("a base that is not stated, at index " + i);
      }
      words[at + i / WORD_BP] |= (long) sequence[i] << (2 * (i % WORD_BP));
    }
  }

  /** For each rank the next one that shares less with the one before it. */
  private static int[] nextShallower(int[] shared) {
    int[] next = new int[shared.length];
    for (int rank = shared.length - 1; rank >= 0; rank--) {
      int other = rank + 1;
      while (other < shared.length && shared[other] >= shared[rank]) {
        other = next[other];
      }
      next[rank] = other;
    }
    return next;
  }

  /**
   * For each rank in one word, so that most are left out without a look at their bases: where the
   * sequence departs from the one before, with which base, and the next rank that shares less.
   */
  private long[] branches(int[] nextShallower) {
    long[] result = new long[length.length];
    for (int rank = 0; rank < result.length; rank++) {
      int base = length[rank] > shared[rank] ? base(rank, shared[rank]) : 0;
      result[rank] = (long) shared[rank] << 34 | (long) base << 32 | nextShallower[rank];
    }
    return result;
  }

  private static int place(long branch) {
    return (int) (branch >>> 34);
  }

  private static int base(long branch) {
    return (int) (branch >>> 32) & 3;
  }

  private static int nextShallower(long branch) {
    return (int) branch;
  }

  private int base(int rank, int place) {
    return (int) (words[rank * wordsEach + place / WORD_BP] >>> (2 * (place % WORD_BP))) & 3;
  }

  /** For each base the places, up to the shortest sequence's end, at which no sequence has it. */
  private long[][] absent() {
    long[][] result = new long[4][wordsEach];
    for (int w = 0; w < wordsEach; w++) {
      long inside = firstBases(shortest - w * WORD_BP);
      for (int base = 0; base < 4; base++) {
        result[base][w] = inside;
      }
      for (int rank = 0; rank < length.length; rank++) {
        if (rank == 0 || shared[rank] < (w + 1) * WORD_BP) {
          strikeOut(result, w, words[rank * wordsEach + w]);
        }
      }
    }
    return result;
  }

  private static void strikeOut(long[][] absent, int w, long word) {
    for (int base = 0; base < 4; base++) {
      absent[base][w] &= ~whereIs(base, word);
    }
  }

  /** The lower bit of each place at which a word has a base. */
  static long whereIs(int base, long word) {
    long low = (base & 1) == 1 ? word : ~word;
    long high = (base & 2) == 2 ? word >>> 1 : ~(word >>> 1);
    return low & high & LOW_BITS;
  }

  /** The lower bits of a word's first bases. */
  static long firstBases(int bases) {
    if (bases <= 0) {
      return 0;
    }
    return bases >= WORD_BP ? LOW_BITS : LOW_BITS & ((1L << (2 * bases)) - 1);
  }

  /** What the tree is made of. */
  public Parts parts() {
    return new Parts(sequenceAt, length, shared, words);
  }

  /** Bases of a sequence. */
  int length(int sequence) {
    return length[rankOf[sequence]];
  }

  /** Codes of a sequence, from the anchor on. */
  byte[] sequence(int sequence) {
    int rank = rankOf[sequence];
    byte[] codes = new byte[length[rank]];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) base(rank, i);
    }
    return codes;
  }

  /**
   * Finds what a read loses whichever sequence is the true one: bases that none has there, and
   * those past the longest one's end.
   *
   * @return their loss
   */
  public int bound(WeighedRead read) {
    read.clearSure(read.lossFrom(longest));
    for (int w = Math.min(wordsEach, read.wordCount()); w-- > 0; ) {
      long word = read.word(w);
      long sure = 0;
      for (int base = 0; base < 4; base++) {
        sure |= whereIs(base, word) & absent[base][w];
      }
      sure &= firstBases(read.length() - w * WORD_BP);
      for (; sure != 0; sure ^= Long.highestOneBit(sure)) {
        read.addSure(w * WORD_BP + (63 - Long.numberOfLeadingZeros(sure)) / 2);
      }
    }
    return read.sureLoss();
  }

  /**
   * Loss of a read against one sequence.
   *
   * @param limit where the loss comes to exceed it, any greater number may be answered
   */
  public int loss(WeighedRead read, int sequence, int limit) {
    int rank = rankOf[sequence];
    int end = Math.min(length[rank], read.length());
    int loss = read.lossFrom(end);
    for (int w = 0, at = rank * wordsEach; w * WORD_BP < end && loss <= limit; w++, at++) {
      long differing = differing(words[at] ^ read.word(w)) & firstBases(end - w * WORD_BP);
      for (; differing != 0; differing &= differing - 1) {
        loss += read.loss(w * WORD_BP + Long.numberOfTrailingZeros(differing) / 2);
      }
    }
    return loss;
  }

  private static long differing(long xor) {
    return (xor | xor >>> 1) & LOW_BITS;
  }

  /**
   * Finds every sequence against which a read loses no more than a limit.
   *
   * @param read for which {@link #bound} was called last
   * @param hits overwritten
   */
  public void search(WeighedRead read, int limit, Hits hits) {
    int rank = 0;
    hits.clear();
    read.spreadSure();
    read.forgetMismatches();
    while (rank < length.length) {
      int failed = failsAtBranch(read, branches[rank], limit);
      if (failed == NONE) {
        failed = walk(read, rank, limit);
      }
      if (failed == NONE) {
        int end = Math.min(length[rank], read.length());
        int next = end < read.length() ? rank + 1 : nextBelow(end, rank);
        int whole = read.mismatchLoss() + read.lossFrom(end);
        if (whole <= limit) {
          hits.add(rank, next, whole);
        }
        rank = next;
      } else {
        rank = nextBelow(failed + 1, rank);
      }
    }
  }

  /** The next rank that shares fewer bases with the one before it. */
  private int nextBelow(int bases, int rank) {
    int next = rank + 1;
    while (next < length.length && place(branches[next]) >= bases) {
      next = nextShallower(branches[next]);
    }
    return next;
  }

  /**
   * Goes back to where a sequence departs from the one before.
   *
   * @return that place where its first own base loses too much already, or none
   */
  private static int failsAtBranch(WeighedRead read, long branch, int limit) {
    int place = place(branch);
    read.forgetMismatchesFrom(place);
    if (place >= read.length() || read.base(place) == base(branch)) {
      return NONE;
    }
    int loss = read.mismatchLoss() + read.loss(place) + read.sureLossFrom(place + 1);
    return loss > limit ? place : NONE;
  }

  /**
   * Reads a sequence from where it departs from the one before.
   *
   * @return the place at which too much was lost, or none
   */
  private int walk(WeighedRead read, int rank, int limit) {
    int from = shared[rank];
    int end = Math.min(length[rank], read.length());
    long mask = -1L << (2 * (from % WORD_BP));
    for (int w = from / WORD_BP; w * WORD_BP < end; w++) {
      long differing = differing(words[rank * wordsEach + w] ^ read.word(w));
      differing &= mask & firstBases(end - w * WORD_BP);
      mask = -1L;
      for (; differing != 0; differing &= differing - 1) {
        int place = w * WORD_BP + Long.numberOfTrailingZeros(differing) / 2;
        if (read.addMismatch(place) + read.sureLossFrom(place + 1) > limit) {
          return place;
        }
      }
    }
    return NONE;
  }

  /** The sequence at a rank of {@link Hits}. */
  public int sequenceAt(int rank) {
    return sequenceAt[rank];
  }

  /** The rank of a sequence. */
  public int rankOf(int sequence) {
    return rankOf[sequence];
  }
}
