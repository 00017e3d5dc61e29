package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gems.typer.Bases;
import org.gems.typer.haplotype.HaplotypeSet;

/**
 * Finds the one insertion or deletion by which a sequence of an amplicon is what two reads from its
 * ends show. The reads need not meet.
 */
final class GapSearch {
  /** The longest that is looked for. */
  private static final int LONGEST_BP = 60;

  /** Bases of a read behind a gap; more behind a long insertion, which fits by chance sooner. */
  private static final int BESIDE_BP = 6;

  private static final int INSERTED_PER_BESIDE = 8;

  /** Mismatches that a gap must save: a shifted end has three of four bases wrong. */
  private static final int LEAST_SAVED = 4;

  /** Mismatches beside the gap, of a sequence that many pairs agree on. */
  private static final int MOST_MISMATCHES = 2;

  /** Sequences by which the gap's size is found. */
  private static final int TRIED_FIRST = 6;

  private final byte[][] sequences;

  /** A search among all sequences of a set. */
  GapSearch(HaplotypeSet set) {
    sequences = new byte[set.size()][];
    Arrays.setAll(sequences, set::sequence);
  }

  /**
   * A sequence with a gap.
   *
   * @param sequence its number in the set
   * @param mismatches that are left
   */
  record Fit(int sequence, Gap gap, int mismatches) {
    /** A shorter gap goes before a longer one that explains a base more. */
    int cost() {
      return 8 * mismatches + Math.abs(gap.shift());
    }
  }

  /**
   * The sequences that explain a group of pairs equally well, each with its own gap: the bases
   * beside the gap may be those of one or of the other.
   *
   * @param fits at least one
   */
  record Fits(List<Fit> fits) {
    /** The first sequence's gap. */
    Gap gap() {
      return fits.get(0).gap();
    }

    /** The number of the first sequence. */
    int sequence() {
      return fits.get(0).sequence();
    }

    int cost() {
      return fits.get(0).cost();
    }

    /** Where else the gap may lie. */
    List<Gap> otherGaps() {
      return fits.stream().map(Fit::gap).distinct().skip(1).toList();
    }

    /**
     * The gap of a sequence, if that is among those that explain the pairs best, else the first.
     */
    Fit of(int sequence) {
      return fits.stream()
          .filter(fit -> fit.sequence() == sequence)
          .findFirst()
          .orElse(fits.get(0));
    }
  }

  /**
   * The sequences that explain two reads with one gap.
   *
   * @param left codes from the forward primer on
   * @param right codes from the reverse primer on, of the other strand
   * @return empty where none does
   */
  Optional<Fits> find(byte[] left, byte[] right) {
    Reads reads = new Reads(left, right);
    List<Fit> first = new ArrayList<>();
    for (int sequence : likeliest(reads)) {
      for (int shift = -LONGEST_BP; shift <= LONGEST_BP; shift++) {
        if (shift != 0) {
          reads.fit(sequences, sequence, shift).ifPresent(first::add);
        }
      }
    }
    Optional<Fit> best = first.stream().min(Comparator.comparingInt(Fit::cost));
    if (best.isEmpty()) {
      return Optional.empty();
    }
    List<Fit> all = new ArrayList<>();
    for (int sequence = 0; sequence < sequences.length; sequence++) {
      reads.fit(sequences, sequence, best.get().gap().shift()).ifPresent(all::add);
    }
    int least = all.stream().mapToInt(Fit::cost).min().orElseThrow();
    List<Fit> fits = all.stream().filter(fit -> fit.cost() == least).toList();
    boolean isGood = fits.get(0).mismatches() <= MOST_MISMATCHES;
    return isGood ? Optional.of(new Fits(fits)) : Optional.empty();
  }

  /** The sequences that are as the reads' starts for the most bases. */
  private int[] likeliest(Reads reads) {
    return IntStream.range(0, sequences.length)
        .boxed()
        .sorted(Comparator.comparingInt((Integer s) -> -reads.alike(sequences[s])))
        .limit(TRIED_FIRST)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The two reads, the second as it lies on the sequence's own strand. */
  private static final class Reads {
    private final byte[] left;
    private final byte[] right;

    Reads(byte[] left, byte[] right) {
      this.left = left;
      this.right = Bases.reverseComplement(right);
    }

    /** The base of the second read so many places before the sequence's end. */
    private byte fromEnd(int before) {
      return right[right.length - 1 - before];
    }

    private static boolean differ(byte one, byte two) {
      return one != two && one != Bases.UNKNOWN && two != Bases.UNKNOWN;
    }

    int alike(byte[] sequence) {
      int alike = 0;
      int most = Math.min(left.length, sequence.length);
      while (alike < most && !differ(left[alike], sequence[alike])) {
        alike++;
      }
      int behind = 0;
      most = Math.min(right.length, sequence.length);
      while (behind < most && !differ(fromEnd(behind), sequence[sequence.length - 1 - behind])) {
        behind++;
      }
      return alike + behind;
    }

    /** The best place of a gap of one size in a sequence, where one is read and saves enough. */
    Optional<Fit> fit(byte[][] sequences, int number, int shift) {
      byte[] sequence = sequences[number];
      int length = sequence.length;
      int inserted = Math.max(0, shift);
      int missing = Math.max(0, -shift);
      int whole = length + shift;
      if (whole < 2 * BESIDE_BP) {
        return Optional.empty();
      }
      int[] unshifted = new int[whole + 1];
      int[] shifted = new int[whole + 1];
      for (int i = 0; i < whole; i++) {
        unshifted[i + 1] = unshifted[i] + against(i, whole, i < length ? sequence[i] : -1);
        shifted[i + 1] = shifted[i] + against(i, whole, i >= shift ? sequence[i - shift] : -1);
      }
      int least = Integer.MAX_VALUE;
      int place = -1;
      for (int at = 1; at <= length - missing - 1; at++) {
        if (isRead(at, inserted, whole)) {
          int mismatches = unshifted[at] + shifted[whole] - shifted[at + inserted];
          if (mismatches <= least) {
            least = mismatches;
            place = at;
          }
        }
      }
      if (place < 0 || ungapped(sequence) - least < LEAST_SAVED) {
        return Optional.empty();
      }
      Gap gap = new Gap(place, missing, Bases.text(between(place, place + inserted, whole)));
      return Optional.of(new Fit(number, gap, least));
    }

    /** Mismatches of both reads in one place of the changed sequence, of so many bases. */
    private int against(int at, int whole, int base) {
      int mismatches = 0;
      if (at < left.length && base >= 0 && differ(left[at], (byte) base)) {
        mismatches++;
      }
      int before = whole - 1 - at;
      if (before < right.length && base >= 0 && differ(fromEnd(before), (byte) base)) {
        mismatches++;
      }
      return mismatches;
    }

    private boolean isRead(int at, int inserted, int whole) {
      int beside = BESIDE_BP + inserted / INSERTED_PER_BESIDE;
      return at + inserted + beside <= left.length || whole - at + beside <= right.length;
    }

    private int ungapped(byte[] sequence) {
      int mismatches = 0;
      for (int i = 0; i < sequence.length; i++) {
        mismatches += against(i, sequence.length, sequence[i]);
      }
      return mismatches;
    }

    private byte[] between(int from, int to, int whole) {
      byte[] bases = new byte[to - from];
      for (int i = from; i < to; i++) {
        boolean isOfLeft = i < left.length && left[i] != Bases.UNKNOWN;
        int before = whole - 1 - i;
        boolean isOfRight = before < right.length;
        bases[i - from] = isOfLeft ? left[i] : isOfRight ? fromEnd(before) : Bases.UNKNOWN;
      }
      return bases;
    }
  }

  /** What explains some groups of pairs, each once. */
  List<Fits> find(List<StrangerGroups.Group> groups, double sure) {
    return groups.stream()
        .flatMap(group -> find(group.left(sure), group.right(sure)).stream())
        .distinct()
        .toList();
  }
}
