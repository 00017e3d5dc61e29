package org.gems.typer.residue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.gems.typer.genotype.LocusModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks for alleles that explain a gene's foreign pairs over all its amplicons. A third allele is
 * there in most of them at about one share; pairs of many other samples, or errors, are of many
 * alleles.
 */
final class ThirdAlleleFinder {
  private static final int MOST = 2;

  private final double background;
  private final double leastGain;
  private final int leastPairs;
  private final double openPenalty;

  ThirdAlleleFinder(Ruleset ruleset) {
    background = ruleset.get(Threshold.THIRD_ALLELE_BACKGROUND_SHARE);
    leastGain = ruleset.get(Threshold.THIRD_ALLELE_GAIN_LN);
    leastPairs = ruleset.count(Threshold.THIRD_ALLELE_MINIMUM_PAIRS);
    openPenalty = ruleset.get(Threshold.OPEN_ALLELE_PENALTY_LN);
  }

  /** The alleles of a gene that its foreign pairs ask for: none, one, or another person's two. */
  List<ThirdAllele> find(LocusModel model, List<ForeignPairs> foreign) {
    List<ThirdAllele> found = new ArrayList<>();
    List<ForeignPairs> rest = foreign;
    while (found.size() < MOST) {
      Optional<ThirdAllele> next = best(model, rest);
      if (next.isEmpty()) {
        return found;
      }
      int allele = next.get().allele().index();
      found.add(next.get());
      rest = rest.stream().map(amplicon -> amplicon.without(allele)).toList();
    }
    return found;
  }

  private Optional<ThirdAllele> best(LocusModel model, List<ForeignPairs> foreign) {
    return IntStream.range(0, model.table().alleles().size())
        .mapToObj(allele -> weighed(foreign, named(model, allele)))
        .filter(third -> third.gain() - price(model, third) >= leastGain && isSpread(third))
        .max(
            Comparator.comparingDouble((ThirdAllele third) -> third.gain() - price(model, third))
                .thenComparing(third -> third.allele().index(), model.preference().reversed()));
  }

  private static CalledAllele named(LocusModel model, int allele) {
    return new CalledAllele(allele, model.entry(allele).name().text());
  }

  /** An allele that the release leaves open may be anything there, and pays for it. */
  private double price(LocusModel model, ThirdAllele third) {
    return model.unknownBp(third.allele().index()) > 0 ? openPenalty : 0;
  }

  /** Whether more foreign pairs than an error makes are as of an allele. */
  boolean isFrequent(ThirdAllele third) {
    return third.pairs() >= leastPairs;
  }

  private boolean isSpread(ThirdAllele third) {
    return isFrequent(third) && third.amplicons() >= Math.min(2, third.visible());
  }

  /** What a gene's foreign pairs say of one allele. */
  ThirdAllele weighed(List<ForeignPairs> foreign, CalledAllele allele) {
    int explained = 0;
    int all = 0;
    int amplicons = 0;
    int visible = 0;
    for (ForeignPairs amplicon : foreign) {
      if (amplicon.isVisible(allele.index())) {
        int here = amplicon.explained(allele.index());
        explained += here;
        all += amplicon.pairs();
        amplicons += here > 0 ? 1 : 0;
        visible++;
      }
    }
    double share = (double) explained / Math.max(1, all);
    return new ThirdAllele(allele, explained, amplicons, visible, share, gain(explained, all));
  }

  /** Poisson counts at the share that was seen, against the background's. */
  private double gain(int explained, int all) {
    double expected = background * all;
    return explained <= expected
        ? 0
        : explained * Math.log(explained / expected) - (explained - expected);
  }
}
