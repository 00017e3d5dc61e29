package org.gems.typer.evidence;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gems.typer.Bases;
import org.gems.typer.evidence.GappedPairs.Undone;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks among a sample's unexplained pairs for those that are as an allele but for one insertion or
 * deletion, and takes them for pairs of that allele. The gap made such a pair unlike all sequences,
 * so the one that it was found least unlike may be a relative's with about the same primers.
 */
final class GapSorter {
  private final Catalog catalog;
  private final Ruleset ruleset;
  private final SampleEvidence evidence;
  private final int cap;
  private final int fewestPairs;
  private final int mostMismatches;

  /** A sorter of a sample's pairs. */
  GapSorter(Catalog catalog, Ruleset ruleset, SampleEvidence evidence) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.evidence = evidence;
    this.cap = ruleset.count(Threshold.PAIRS_CAP_PER_AMPLICON);
    this.fewestPairs = ruleset.count(Threshold.NEW_ALLELE_FEWEST_PAIRS);
    this.mostMismatches = 2 * ruleset.count(Threshold.PRIMER_MAXIMUM_MISMATCHES);
  }

  /** An amplicon of a typed gene, and the strangers as they begin behind its primers. */
  private record Rival(int product, PairStore strangers, GappedPairs gapped) {}

  /** Sorts the pairs of all products. */
  void sort() {
    for (int product = 0; product < catalog.products().size(); product++) {
      for (Rival rival : rivals(product)) {
        sort(product, rival);
      }
    }
  }

  /** The amplicons that strangers may be of, the likeliest first. */
  private List<Rival> rivals(int product) {
    PairStore strangers = evidence.unexplained(product);
    List<Rival> found = new ArrayList<>();
    if (strangers.size() >= fewestPairs) {
      PanelRow row = catalog.products().get(product).row();
      for (int own = 0; own < catalog.products().size(); own++) {
        Product rival = catalog.products().get(own);
        if (!rival.isDecoy() && isAlike(row, rival.row())) {
          PairStore moved = moved(strangers, row, rival.row());
          int number = own;
          GappedPairs.among(moved, rival.haplotypes(), ruleset)
              .ifPresent(gapped -> found.add(new Rival(number, moved, gapped)));
        }
      }
    }
    found.sort(Comparator.comparingInt(rival -> rival.gapped().cost()));
    return found;
  }

  private boolean isAlike(PanelRow one, PanelRow other) {
    return isAlike(one.forwardPrimer(), other.forwardPrimer())
        && isAlike(one.reversePrimer(), other.reversePrimer());
  }

  private boolean isAlike(String one, String other) {
    long mismatches =
        IntStream.range(0, Math.min(one.length(), other.length()))
            .filter(i -> (Bases.set(one.charAt(i)) & Bases.set(other.charAt(i))) == 0)
            .count();
    return mismatches <= mostMismatches;
  }

  private PairStore moved(PairStore strangers, PanelRow from, PanelRow to) {
    int forward = to.forwardPrimer().length() - from.forwardPrimer().length();
    int reverse = to.reversePrimer().length() - from.reversePrimer().length();
    return forward == 0 && reverse == 0 ? strangers : strangers.moved(forward, reverse);
  }

  private void sort(int product, Rival rival) {
    PairStore own = evidence.store(rival.product());
    PairStore known = new PairStore(cap);
    for (int pair = 0; pair < own.size(); pair++) {
      add(known, own, pair, rival.gapped().better(own, pair), known);
    }
    PairStore before = evidence.unexplained(product);
    PairStore strangers = new PairStore(cap);
    int at = 0;
    for (int pair = 0; pair < before.size(); pair++) {
      while (rival.strangers().name(at) != before.name(pair)) {
        at++;
      }
      add(known, before, pair, rival.gapped().explained(rival.strangers(), at), strangers);
    }
    evidence.explain(rival.product(), known, product, strangers);
  }

  private void add(
      PairStore known, PairStore from, int pair, Optional<Undone> undone, PairStore otherwise) {
    if (undone.isPresent()) {
      int supports = evidence.supportId(undone.get().supports());
      known.add(from.name(pair), undone.get(), supports);
    } else {
      otherwise.add(from, pair);
    }
  }
}
