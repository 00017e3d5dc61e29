package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.calls.SequencePlaces.Place;
import org.gems.typer.evidence.PackedRead;
import org.gems.typer.evidence.PairStore;
import org.gems.typer.evidence.Product;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.AmpliconEvidence;
import org.gems.typer.genotype.Genotype;
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
  private final double dividedShare;
  private final double undividedShare;
  private final SequencePlaces places;

  /** A finder with the ruleset's thresholds. */
  NewAlleleFinder(Ruleset ruleset, SequencePlaces places) {
    strongQuality = ruleset.count(Threshold.STRONG_BASE_QUALITY);
    minimumPairs = ruleset.count(Threshold.UNEXPLAINED_MINIMUM_PAIRS);
    dividedShare = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_ALLELE);
    undividedShare = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
    this.places = places;
  }

  /** New sequences near the alleles of a called genotype, by the amplicons that it rests on. */
  List<Variant> find(Genotype called, List<Attribution> amplicons) {
    List<Variant> found = new ArrayList<>();
    for (Attribution amplicon : amplicons) {
      int sides = amplicon.isDeciding() ? 2 : 1;
      for (int side = 0; side < sides; side++) {
        if (amplicon.option(side) >= 0) {
          AlleleClass allele = called.classes().get(side);
          search(amplicon, side, allele.representative(), found);
        }
      }
    }
    return found;
  }

  private void search(Attribution amplicon, int side, int allele, List<Variant> found) {
    AmpliconEvidence evidence = amplicon.evidence();
    byte[] sequence =
        evidence.product().haplotypes().sequence(evidence.haplotype(amplicon.option(side)));
    List<Integer> own = ownPairs(amplicon, side);
    byte[] consensus = sequence.clone();
    List<Integer> changed = new ArrayList<>();
    double leastShare = amplicon.isDeciding() ? dividedShare : undividedShare;
    int[] counts = strongBases(evidence.store(), own, sequence.length);
    for (int i = 0; i < sequence.length; i++) {
      int other = recurringBase(counts, sequence[i], i, leastShare);
      if (other != NO_BASE) {
        consensus[i] = (byte) other;
        changed.add(i);
      }
    }
    int carriers = carriers(evidence.store(), own, consensus, changed);
    double share = (double) carriers / evidence.pairs();
    if (carriers >= minimumPairs) {
      found.add(
          new Variant(
              evidence.product().locus(),
              amplicon.amplicon(),
              evidence.product().table().alleles().get(allele).name().text(),
              changes(evidence.product(), allele, sequence, consensus, changed),
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

  /** How many pairs show each base, four numbers a place. */
  private int[] strongBases(PairStore store, List<Integer> pairs, int length) {
    int[] counts = new int[4 * length];
    for (int p : pairs) {
      int leftEnd = Math.min(length, store.leftLength(p));
      int rightStart = Math.max(leftEnd, length - store.rightLength(p));
      for (int place = 0; place < length; place = place + 1 == leftEnd ? rightStart : place + 1) {
        int base = strongBase(store, p, length, place);
        if (base != NO_BASE) {
          counts[4 * place + base]++;
        }
      }
    }
    return counts;
  }

  private int recurringBase(int[] counts, byte expected, int place, double leastShare) {
    int depth = 0;
    for (int base = 0; base < 4; base++) {
      depth += counts[4 * place + base];
    }
    for (int base = 0; base < 4; base++) {
      int count = counts[4 * place + base];
      boolean recurs = count >= minimumPairs && count >= leastShare * depth;
      if (base != expected && recurs) {
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

  private List<Change> changes(
      Product product, int allele, byte[] sequence, byte[] consensus, List<Integer> changed) {
    Optional<List<Place>> known = places.of(product, allele, sequence);
    List<Change> changes = new ArrayList<>();
    for (int i : changed) {
      int at = i;
      String feature =
          known.map(all -> product.table().features().get(all.get(at).feature()).name()).orElse("");
      int position = known.map(all -> all.get(at).position()).orElse(at + 1);
      changes.add(
          new Change(feature, position, "ACGTN".charAt(sequence[i]), "ACGTN".charAt(consensus[i])));
    }
    return changes;
  }
}
