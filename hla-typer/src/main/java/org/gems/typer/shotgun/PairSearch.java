package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Finds the pair of allele groups that explains a gene's fragments best. Groups are first given
 * shares as if all were mixed; from the largest, best partners are sought among all groups until
 * nothing better comes.
 */
final class PairSearch {
  private static final int PARTNERS = 6;
  private static final double BALANCED = 0.5;

  /** Pairs whose shares are estimated: several times as many as are ever listed. */
  private static final int WEIGHED = 400;

  /** Likelihoods closer than this are one: sums of floats differ by less. */
  private static final double TIE = 1e-3;

  private final ExonModel model;
  private final FragmentMixture mixture;
  private final double penalty;
  private final double openPenalty;
  private final int seeds;
  private final Comparator<GroupPair> order;
  private final Map<List<Integer>, GroupPair> rough = new HashMap<>();
  private final Map<List<Integer>, GroupPair> known = new HashMap<>();

  PairSearch(ExonModel model, Ruleset ruleset) {
    this.model = model;
    this.mixture =
        new FragmentMixture(
            ruleset.get(Threshold.SHOTGUN_OUTLIER_RATE),
            ruleset.get(Threshold.SHARE_MINIMUM),
            ruleset.get(Threshold.SHARE_PRIOR_COUNTS));
    this.penalty = ruleset.get(Threshold.HETEROZYGOUS_PENALTY_LN);
    this.openPenalty = ruleset.get(Threshold.OPEN_ALLELE_PENALTY_LN);
    this.seeds = ruleset.count(Threshold.SHOTGUN_SEEDS);
    this.order =
        Comparator.<GroupPair>comparingLong(g -> -Math.round(g.logLikelihood() / TIE))
            .thenComparing(g -> representative(g.one()), model.preference())
            .thenComparing(g -> representative(g.two()), model.preference());
  }

  private int representative(int group) {
    return model.groups().get(group).representative();
  }

  FragmentMixture mixture() {
    return mixture;
  }

  /**
   * The best genotypes, best first.
   *
   * @param singleOnly whether the gene is known to be there in one copy
   */
  List<GroupPair> rank(int limit, boolean singleOnly) {
    List<GroupPair> alone = alone();
    if (singleOnly) {
      return alone.stream().limit(limit).toList();
    }
    TreeSet<Integer> chosen = new TreeSet<>(best(new GroupShares(model).estimate(), seeds));
    alone.stream().limit(PARTNERS).forEach(g -> chosen.add(g.one()));
    List.copyOf(chosen).forEach(g -> chosen.addAll(balancedPartners(g)));
    List<GroupPair> ranked = ranked(chosen);
    while (addPartners(chosen, ranked.get(0))) {
      ranked = ranked(chosen);
    }
    return ranked.stream().limit(limit).toList();
  }

  /** All groups, each as the only one. */
  private List<GroupPair> alone() {
    return IntStream.range(0, model.groups().size())
        .mapToObj(g -> pair(g, g))
        .sorted(order)
        .toList();
  }

  private boolean addPartners(Set<Integer> chosen, GroupPair genotype) {
    boolean grown = false;
    for (int side : genotype.sides()) {
      grown |= chosen.addAll(partners(side));
    }
    return grown;
  }

  /** Pairs of groups: all at a few shares, then those that lead at their own. */
  private List<GroupPair> ranked(NavigableSet<Integer> chosen) {
    List<GroupPair> pairs = new ArrayList<>();
    for (int one : chosen) {
      for (int two : chosen.headSet(one, true)) {
        pairs.add(rough.computeIfAbsent(List.of(one, two), k -> rough(one, two)));
      }
    }
    pairs.sort(order);
    return pairs.stream()
        .limit(WEIGHED)
        .map(g -> known.computeIfAbsent(List.of(g.one(), g.two()), k -> pair(g.one(), g.two())))
        .sorted(order)
        .toList();
  }

  /** The groups that explain most beside a given one, both having half of the fragments. */
  private List<Integer> balancedPartners(int group) {
    float[] own = model.likelihoods(group);
    return partners(
        (g, least) -> mixture.logLikelihood(own, model.likelihoods(g), BALANCED, least));
  }

  /** The groups that explain most beside a given one, whatever the share of each. */
  private List<Integer> partners(int group) {
    float[] own = model.likelihoods(group);
    return partners((g, least) -> mixture.roughLogLikelihood(own, model.likelihoods(g), least));
  }

  /** What the reads say of a group, or anything less where it is less than of interest. */
  private interface Reads {
    double of(int group, double least);
  }

  private List<Integer> partners(Reads reads) {
    double[] scores = new double[model.groups().size()];
    List<Integer> best = new ArrayList<>();
    for (int g = 0; g < scores.length; g++) {
      boolean isFull = best.size() == PARTNERS;
      double last = isFull ? scores[best.get(PARTNERS - 1)] : Double.NEGATIVE_INFINITY;
      double least = (last - 1) * TIE + open(g);
      scores[g] = Math.rint((reads.of(g, least) - open(g)) / TIE);
      insert(best, g, scores, PARTNERS);
    }
    return best;
  }

  /** The groups of the highest scores, of equal ones those to be named first. */
  private List<Integer> best(double[] scores, int count) {
    List<Integer> best = new ArrayList<>();
    for (int g = 0; g < scores.length; g++) {
      insert(best, g, scores, count);
    }
    return best;
  }

  private void insert(List<Integer> best, int group, double[] scores, int count) {
    int at = best.size();
    while (at > 0 && isBefore(scores, group, best.get(at - 1))) {
      at--;
    }
    if (at < count) {
      best.add(at, group);
      if (best.size() > count) {
        best.remove(count);
      }
    }
  }

  private boolean isBefore(double[] scores, int one, int two) {
    if (scores[one] != scores[two]) {
      return scores[one] > scores[two];
    }
    return model.preference().compare(representative(one), representative(two)) < 0;
  }

  private double open(int group) {
    return model.groups().get(group).complete() ? 0 : openPenalty;
  }

  private GroupPair rough(int one, int two) {
    double reads = mixture.logLikelihood(model.likelihoods(one), model.likelihoods(two), BALANCED);
    return inOrder(one, two, BALANCED, reads);
  }

  private GroupPair pair(int one, int two) {
    float[] a = model.likelihoods(one);
    float[] b = model.likelihoods(two);
    double share = one == two ? BALANCED : mixture.share(a, b);
    return inOrder(one, two, share, mixture.logLikelihood(a, b, share));
  }

  /** The one to be named first comes first. */
  private GroupPair inOrder(int one, int two, double share, double reads) {
    double logLikelihood = reads - cost(one, two);
    boolean isInOrder = model.preference().compare(representative(one), representative(two)) <= 0;
    return isInOrder
        ? new GroupPair(one, two, share, logLikelihood)
        : new GroupPair(two, one, 1 - share, logLikelihood);
  }

  /** What a genotype must make good before its reads count for it. */
  private double cost(int one, int two) {
    return open(one) + (one == two ? 0 : open(two) + penalty);
  }

  /** Log-likelihood without what a genotype must make good: what the reads alone say. */
  double ofReads(GroupPair genotype) {
    return genotype.logLikelihood() + cost(genotype.one(), genotype.two());
  }

  /** The best genotype of a group and another one, by what the reads alone say. */
  GroupPair bestBeside(int group) {
    return partners(group).stream()
        .filter(other -> other != group)
        .map(other -> pair(group, other))
        .max(Comparator.comparingDouble(this::ofReads).thenComparing(order.reversed()))
        .orElse(pair(group, group));
  }

  /** Whether a group in place of a called one explains the fragments within a margin. */
  boolean isAsGood(GroupPair called, int side, int candidate, double margin) {
    int partner = called.one() == side ? called.two() : called.one();
    if (!called.isHomozygous() && candidate == partner) {
      return false;
    }
    float[] beside = model.likelihoods(called.isHomozygous() ? candidate : partner);
    double share = called.one() == side ? called.share() : 1 - called.share();
    double now = mixture.logLikelihood(model.likelihoods(candidate), beside, share);
    float[] partnerNow = model.likelihoods(partner);
    double then = mixture.logLikelihood(model.likelihoods(side), partnerNow, share);
    return now >= then - margin;
  }
}
