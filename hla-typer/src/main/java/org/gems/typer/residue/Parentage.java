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

  /** Whether a sequence begins as the first and ends as the second, and is neither. */
  boolean make(byte[] sequence) {
    int alikeBefore = Arrays.mismatch(sequence, first.sequence());
    int alikeBehind = alikeFromEnd(sequence, second.sequence());
    boolean isEither = alikeBefore < 0 || Arrays.equals(sequence, second.sequence());
    return !isEither && alikeBefore + alikeBehind >= sequence.length;
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
