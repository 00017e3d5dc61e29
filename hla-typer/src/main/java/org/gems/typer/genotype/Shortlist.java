package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Which classes are worth weighing in pairs. Few are taken as they are. Of many, classes get shares
 * as if all were mixed; the largest, and the best partners of each, are taken, and then whatever
 * stands beside an allele of the best pair as well as the other one, until nothing new comes.
 */
final class Shortlist {
  /** The true partner of a true allele is, by what it adds, among the first two or three. */
  private static final int PARTNERS = 6;

  private final LocusModel model;
  private final GenotypeSearch search;
  private final int maximum;
  private final int seeds;
  private final double margin;
  private final Set<AlleleClass> chosen = new LinkedHashSet<>();

  Shortlist(LocusModel model, GenotypeSearch search, Ruleset ruleset) {
    this.model = model;
    this.search = search;
    this.maximum = ruleset.count(Threshold.ALLELE_CLASSES_MAXIMUM);
    this.seeds = ruleset.count(Threshold.SHORTLIST_SEEDS);
    this.margin = ruleset.get(Threshold.GENOTYPE_MARGIN_LN);
  }

  /** Makes the first choice. */
  void begin() {
    if (model.classes().size() <= maximum) {
      chosen.addAll(model.classes());
    } else {
      double[] shares = new ClassShares(model).estimate();
      chosen.addAll(best(shares, seeds));
      double[] alone =
          model.classes().stream().mapToDouble(c -> model.score(c, c) - search.prior(c)).toArray();
      chosen.addAll(best(alone, PARTNERS));
      List.copyOf(chosen).forEach(c -> chosen.addAll(balancedPartners(c)));
    }
    model.shortlist(List.copyOf(chosen));
  }

  /** Adds what may stand beside the alleles of the best pair; whether anything was new. */
  boolean grow(Genotype called) {
    int before = chosen.size();
    for (AlleleClass side : called.classes()) {
      double[] scores = new double[model.classes().size()];
      double[] reads = new double[scores.length];
      for (int c = 0; c < scores.length; c++) {
        AlleleClass candidate = model.classes().get(c);
        reads[c] = model.scoreOfReads(side, candidate);
        scores[c] =
            reads[c]
                - (candidate == side ? search.prior(side) : search.prior(side, candidate))
                - candidate.freedom();
      }
      chosen.addAll(best(scores, PARTNERS));
      double least = model.scoreOfReads(called.one(), called.two()) - margin;
      IntStream.range(0, scores.length)
          .filter(c -> reads[c] >= least)
          .boxed()
          .sorted(Comparator.comparingDouble(c -> -scores[c]))
          .limit(Math.max(0, maximum - chosen.size()))
          .forEach(c -> chosen.add(model.classes().get(c)));
    }
    if (chosen.size() == before) {
      return false;
    }
    model.shortlist(List.copyOf(chosen));
    return true;
  }

  /** The classes that explain most beside a given one, both having half of the pairs. */
  private List<AlleleClass> balancedPartners(AlleleClass beside) {
    double[] scores = new double[model.classes().size()];
    for (int t = 0; t < model.targets().size(); t++) {
      double[] bySet = model.targets().get(t).balancedScores(beside.set(t));
      for (int c = 0; c < scores.length; c++) {
        scores[c] += bySet[model.classes().get(c).set(t)];
      }
    }
    for (int c = 0; c < scores.length; c++) {
      AlleleClass candidate = model.classes().get(c);
      scores[c] -= search.prior(candidate) + candidate.freedom();
    }
    return best(scores, PARTNERS);
  }

  /** The classes of the highest scores, of equal ones those to be named first. */
  private List<AlleleClass> best(double[] scores, int count) {
    Comparator<Integer> order =
        Comparator.<Integer>comparingDouble(c -> -scores[c])
            .thenComparing(c -> model.classes().get(c).representative(), model.preference());
    List<AlleleClass> found = new ArrayList<>();
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(order)
        .limit(count)
        .forEach(c -> found.add(model.classes().get(c)));
    return found;
  }
}
