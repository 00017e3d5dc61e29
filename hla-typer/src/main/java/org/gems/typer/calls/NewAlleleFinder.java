package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import org.gems.typer.evidence.PackedRead;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.AmpliconEvidence;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.haplotype.Bases;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks, among the pairs of a called allele, for a change that many of them share: the mark of an
 * allele that the release does not have.
 */
public final class NewAlleleFinder {
  private static final int NO_BASE = -1;

  private final int strongQuality;
  private final int minimumPairs;
  private final double minimumShare;

  /** A finder with the ruleset's thresholds. */
  public NewAlleleFinder(Ruleset ruleset) {
    strongQuality = ruleset.count(Threshold.STRONG_BASE_QUALITY);
    minimumPairs = ruleset.count(Threshold.UNEXPLAINED_MINIMUM_PAIRS);
    minimumShare = ruleset.get(Threshold.UNEXPLAINED_MINIMUM_SHARE);
  }

  /** New sequences near the alleles of a gene's called genotype. */
  public List<Variant> find(LocusResult result) {
    List<Variant> found = new ArrayList<>();
    Genotype called = result.called();
    for (Attribution amplicon : Attribution.of(result, called)) {
      int sides = amplicon.isDeciding() ? 2 : 1;
      for (int side = 0; side < sides; side++) {
        if (amplicon.option(side) >= 0) {
          AlleleClass allele = called.classes().get(side);
          String name = result.model().entry(allele.representative()).name().text();
          search(amplicon, side, name, found);
        }
      }
    }
    return found;
  }

  private void search(Attribution amplicon, int side, String name, List<Variant> found) {
    AmpliconEvidence evidence = amplicon.evidence();
    byte[] sequence =
        evidence.product().haplotypes().sequence(evidence.haplotype(amplicon.option(side)));
    List<Integer> own = ownPairs(amplicon, side);
    byte[] consensus = sequence.clone();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < sequence.length; i++) {
      int other = recurringBase(evidence.store(), own, sequence, i);
      if (other != NO_BASE) {
        consensus[i] = (byte) other;
        places.add(i);
      }
    }
    int carriers = carriers(evidence.store(), own, consensus, places);
    double share = (double) carriers / evidence.pairs();
    if (carriers >= minimumPairs && share >= minimumShare / 2) {
      found.add(
          new Variant(
              evidence.product().locus(),
              amplicon.amplicon(),
              name,
              changes(sequence, consensus, places),
              carriers,
              share,
              Bases.text(consensus)));
    }
  }

  /** Pairs that this side's sequence explains at least as well as the other's. */
  private static List<Integer> ownPairs(Attribution amplicon, int side) {
    AmpliconEvidence evidence = amplicon.evidence();
    List<Integer> pairs = new ArrayList<>();
    for (int p = 0; p < evidence.pairs(); p++) {
      float own = evidence.likelihood(amplicon.option(side), p);
      float other = amplicon.isDeciding() ? evidence.likelihood(amplicon.option(1 - side), p) : 0;
      if (own > 0.5 && own >= other) {
        pairs.add(p);
      }
    }
    return pairs;
  }

  private int recurringBase(PairStore store, List<Integer> pairs, byte[] sequence, int place) {
    int[] counts = new int[4];
    int depth = 0;
    for (int p : pairs) {
      int base = strongBase(store, p, sequence.length, place);
      if (base != NO_BASE) {
        counts[base]++;
        depth++;
      }
    }
    for (int base = 0; base < 4; base++) {
      boolean recurs = counts[base] >= minimumPairs && counts[base] >= minimumShare * depth;
      if (base != sequence[place] && recurs) {
        return base;
      }
    }
    return NO_BASE;
  }

  /** The base that a pair shows, or none where its qualities are low or its reads disagree. */
  private int strongBase(PairStore store, int pair, int length, int place) {
    int left = NO_BASE;
    int right = NO_BASE;
    if (place < store.leftLength(pair)) {
      byte packed = store.data()[store.leftStart(pair) + place];
      left = isStrong(packed) ? PackedRead.base(packed) : NO_BASE;
    }
    int fromEnd = length - 1 - place;
    if (fromEnd < store.rightLength(pair)) {
      byte packed = store.data()[store.rightStart(pair) + fromEnd];
      right = isStrong(packed) ? 3 - PackedRead.base(packed) : NO_BASE;
    }
    if (left == NO_BASE || right == NO_BASE) {
      return Math.max(left, right);
    }
    return left == right ? left : NO_BASE;
  }

  private boolean isStrong(byte packed) {
    return PackedRead.quality(packed) >= strongQuality;
  }

  private int carriers(
      PairStore store, List<Integer> pairs, byte[] consensus, List<Integer> places) {
    int carriers = 0;
    for (int p : pairs) {
      int seen = 0;
      int different = 0;
      for (int place : places) {
        int base = strongBase(store, p, consensus.length, place);
        seen += base == consensus[place] ? 1 : 0;
        different += base != NO_BASE && base != consensus[place] ? 1 : 0;
      }
      carriers += seen > 0 && different == 0 ? 1 : 0;
    }
    return carriers;
  }

  private static String changes(byte[] sequence, byte[] consensus, List<Integer> places) {
    StringBuilder text = new StringBuilder();
    for (int place : places) {
      text.append(text.length() == 0 ? "" : " ")
          .append(place + 1)
          .append("ACGTN".charAt(sequence[place]))
          .append('>')
          .append("ACGTN".charAt(consensus[place]));
    }
    return text.toString();
  }
}
