package org.gems.typer.evidence;

import java.util.Arrays;
import org.gems.typer.haplotype.HaplotypeSet;
import org.gems.typer.haplotype.Hits;
import org.gems.typer.haplotype.LengthGroup;
import org.gems.typer.haplotype.PrefixTree;
import org.gems.typer.haplotype.WeighedRead;
import org.gems.typer.reads.QualityModel;

/**
 * Finds the sequences of a set that explain a pair best. The first read is anchored at the set's
 * start and compared base by base; the second is laid on from the other end. A loss is what the
 * pair's log-likelihood falls short of one without any mismatch, in thousandths. Not safe for use
 * by several threads: it keeps its scratch space.
 */
public final class NearestSequences {
  /** A limit that no pair comes near, low enough to be added to. */
  public static final int UNLIMITED = Integer.MAX_VALUE / 8;

  /** With so few left, the second read is compared with each rather than searched. */
  private static final int FEW = 32;

  private final WeighedRead left;
  private final WeighedRead right;
  private final Hits leftHits = new Hits();
  private final Hits rightHits = new Hits();

  private int[] sequences = new int[64];
  private int[] losses = new int[64];
  private int size;
  private int least;

  /** A search that weighs bases by their qualities. */
  public NearestSequences(QualityModel qualities) {
    left = new WeighedRead(qualities.losses(), qualities.lossesBeyond());
    right = new WeighedRead(qualities.losses(), qualities.lossesBeyond());
  }

  /** A read's packed bases after its primer. */
  public record Slice(byte[] data, int start, int length) {}

  /**
   * Takes over a pair.
   *
   * @param fromStart the read that begins at the forward primer
   * @param fromEnd the read that begins at the reverse primer
   */
  public void load(Slice fromStart, Slice fromEnd) {
    left.load(fromStart.data(), fromStart.start(), fromStart.length(), false);
    right.load(fromEnd.data(), fromEnd.start(), fromEnd.length(), true);
  }

  /** The pair's loss against one sequence; one above the limit may be any number above it. */
  public int loss(HaplotypeSet set, int sequence, int limit) {
    LengthGroup group = set.groupOf(sequence);
    int lost = group.fromStart().loss(left, sequence, limit);
    return lost > limit ? lost : lost + group.fromEnd().loss(right, sequence, limit - lost);
  }

  /**
   * The least loss against sequences that explained earlier pairs.
   *
   * @return a number above the limit where all of them lose more
   */
  public int leastLoss(HaplotypeSet set, Recent likely, int limit) {
    int found = limit + 1;
    for (int i = 0; i < likely.size(); i++) {
      found = Math.min(found, loss(set, likely.get(i), found - 1));
    }
    return found;
  }

  /**
   * Finds the best sequences, unless the best one loses more than a limit.
   *
   * @param margin how much more than the best a sequence may lose to be found too
   * @return whether any was found
   */
  public boolean search(HaplotypeSet set, int limit, int margin) {
    size = 0;
    least = UNLIMITED;
    for (LengthGroup group : set.groups()) {
      collect(group, Math.min(limit, least) + margin);
    }
    keep(least > limit ? -1 : least + margin);
    return size > 0;
  }

  private void collect(LengthGroup group, int limit) {
    int leftBound = group.fromStart().bound(left);
    if (leftBound > limit) {
      return;
    }
    int rightBound = group.fromEnd().bound(right);
    if (leftBound + rightBound > limit) {
      return;
    }
    group.fromStart().search(left, limit - rightBound, leftHits);
    if (leftHits.size() <= FEW) {
      compareRight(group, limit);
      return;
    }
    group.fromEnd().search(right, limit - leftHits.leastLoss(), rightHits);
    if (leftHits.size() <= rightHits.size()) {
      join(group.fromStart(), leftHits, group.fromEnd(), rightHits, limit);
    } else {
      join(group.fromEnd(), rightHits, group.fromStart(), leftHits, limit);
    }
  }

  private void keep(int most) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (losses[i] <= most) {
        sequences[kept] = sequences[i];
        losses[kept++] = losses[i];
      }
    }
    size = kept;
  }

  private void compareRight(LengthGroup group, int limit) {
    for (int run = 0; run < leftHits.runs(); run++) {
      int rest = limit - leftHits.loss(run);
      for (int rank = leftHits.start(run); rank < leftHits.end(run); rank++) {
        int sequence = group.fromStart().sequenceAt(rank);
        int lost = group.fromEnd().loss(right, sequence, rest);
        if (lost <= rest) {
          add(sequence, leftHits.loss(run) + lost);
        }
      }
    }
  }

  /** Adds the sequences that both reads found, going through those of the one that found fewer. */
  private void join(PrefixTree fewer, Hits few, PrefixTree other, Hits many, int limit) {
    for (int run = 0; run < few.runs(); run++) {
      for (int rank = few.start(run); rank < few.end(run); rank++) {
        int sequence = fewer.sequenceAt(rank);
        int found = many.runOf(other.rankOf(sequence));
        if (found >= 0 && few.loss(run) + many.loss(found) <= limit) {
          add(sequence, few.loss(run) + many.loss(found));
        }
      }
    }
  }

  private void add(int sequence, int lost) {
    if (size == sequences.length) {
      sequences = Arrays.copyOf(sequences, size * 2);
      losses = Arrays.copyOf(losses, size * 2);
    }
    sequences[size] = sequence;
    losses[size++] = lost;
    least = Math.min(least, lost);
  }

  /** How many sequences the last search found. */
  public int size() {
    return size;
  }

  /** A sequence that was found. */
  public int sequence(int index) {
    return sequences[index];
  }

  /** Loss of a sequence that was found. */
  public int loss(int index) {
    return losses[index];
  }

  /** The least loss of those found. */
  public int leastLoss() {
    return least;
  }

  /** The sequences that explained the last pairs best, the latest first. */
  public static final class Recent {
    private static final int KEPT = 4;

    private final int[] sequences = new int[KEPT];
    private int size;

    int size() {
      return size;
    }

    int get(int index) {
      return sequences[index];
    }

    /** Puts a sequence in front. */
    public void add(int sequence) {
      int at = 0;
      while (at < size && sequences[at] != sequence) {
        at++;
      }
      if (at == size) {
        size = Math.min(KEPT, size + 1);
        at = size - 1;
      }
      System.arraycopy(sequences, 0, sequences, 1, at);
      sequences[0] = sequence;
    }
  }
}
