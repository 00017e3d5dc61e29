package org.gems.typer.genotype;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
      List<Map<Integer, double[]>> scores =
          model.targets().stream().<Map<Integer, double[]>>map(t -> new HashMap<>()).toList();
      List.copyOf(chosen).forEach(c -> chosen.addAll(balancedPartners(c, scores)));
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

  /**
   * The classes that explain most beside a given one, both having half of the pairs.
   *
   * @param known for each target the scores beside a set, which other classes have too
   */
  private List<AlleleClass> balancedPartners(
      AlleleClass beside, List<Map<Integer, double[]>> known) {
    double[] scores = new double[model.classes().size()];
    for (int t = 0; t < model.targets().size(); t++) {
      TargetModel target = model.targets().get(t);
      double[] bySet = known.get(t).computeIfAbsent(beside.set(t), target::balancedScores);
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
    int[] found = new int[Math.min(count, scores.length)];
    int size = 0;
    for (int c = 0; c < scores.length; c++) {
      int at = size;
      while (at > 0 && isBefore(scores, c, found[at - 1])) {
        at--;
      }
      if (at < found.length) {
        size = Math.min(size + 1, found.length);
        System.arraycopy(found, at, found, at + 1, size - 1 - at);
        found[at] = c;
      }
    }
    return IntStream.of(found).mapToObj(model.classes()::get).toList();
  }

  private boolean isBefore(double[] scores, int one, int two) {
    int order = Double.compare(-scores[one], -scores[two]);
    int first = model.classes().get(one).representative();
    int second = model.classes().get(two).representative();
    return order < 0 || (order == 0 && model.preference().compare(first, second) < 0);
  }
}
