package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Two sequences of a sample that a chimera of one amplicon may be made of.
 *
 * @param first what it begins as
 * @param second what it ends as
 */
record Parentage(Parent first, Parent second) {
  /**
   * A sequence that the sample has between an amplicon's primers.
   *
   * @param allele whose it is
   * @param sequence base codes
   */
  record Parent(String allele, byte[] sequence) {}

  /** All ways to join a gene's own sequences with each other, and with those of related genes. */
  static List<Parentage> of(List<Parent> own, List<Parent> related) {
    List<Parentage> all = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      for (int j = 0; j < own.size(); j++) {
        if (i != j) {
          all.add(new Parentage(own.get(i), own.get(j)));
        }
      }
      for (Parent other : related) {
        all.add(new Parentage(own.get(i), other));
        all.add(new Parentage(other, own.get(i)));
      }
    }
    return all;
  }

  /** Both alleles' names, in one order whichever begins. */
  String names() {
    boolean inOrder = first.allele().compareTo(second.allele()) <= 0;
    return (inOrder ? first : second).allele() + " x " + (inOrder ? second : first).allele();
  }

  /** Whether an allele is neither of the two. */
  boolean isWithout(String allele) {
    return !first.allele().equals(allele) && !second.allele().equals(allele);
  }

  /**
   * Whether a sequence is neither of the two, but begins as the first and ends as the second, or is
   * the first but for a stretch of the second that changes several bases.
   */
  boolean make(byte[] sequence, int leastChanges) {
    int before = Arrays.mismatch(sequence, first.sequence());
    boolean isEither = before < 0 || Arrays.equals(sequence, second.sequence());
    if (isEither) {
      return false;
    }
    return before + alikeFromEnd(sequence, second.sequence()) >= sequence.length
        || isPatched(sequence, before, leastChanges);
  }

  /** Bases of the second stand in the first, which goes on behind them; all of one length. */
  private boolean isPatched(byte[] sequence, int from, int leastChanges) {
    byte[] patch = second.sequence();
    boolean isOneLength =
        sequence.length == first.sequence().length && sequence.length == patch.length;
    int to = sequence.length - alikeFromEnd(sequence, first.sequence());
    return isOneLength
        && Arrays.equals(sequence, from, to, patch, from, to)
        && changes(sequence, from, to) >= leastChanges;
  }

  private int changes(byte[] sequence, int from, int to) {
    int changes = 0;
    for (int i = from; i < to; i++) {
      changes += sequence[i] == first.sequence()[i] ? 0 : 1;
    }
    return changes;
  }

  private static int alikeFromEnd(byte[] one, byte[] two) {
    int alike = 0;
    int most = Math.min(one.length, two.length);
    while (alike < most && one[one.length - 1 - alike] == two[two.length - 1 - alike]) {
      alike++;
    }
    return alike;
  }
}
