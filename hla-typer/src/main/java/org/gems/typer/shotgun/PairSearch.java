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
  private static final int SHARE_ROUNDS = 12;
  private static final int PARTNERS = 6;

  /** Likelihoods closer than this are one: sums of floats differ by less. */
  private static final double TIE = 1e-3;

  private final ExonModel model;
  private final FragmentMixture mixture;
  private final double penalty;
  private final double openPenalty;
  private final int seeds;
  private final Comparator<GroupPair> order;
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
    if (singleOnly) {
      return all().boxed().map(g -> pair(g, g)).sorted(order).limit(limit).toList();
    }
    TreeSet<Integer> chosen = new TreeSet<>(mostLikely());
    all()
        .boxed()
        .map(g -> pair(g, g))
        .sorted(order)
        .limit(PARTNERS)
        .forEach(g -> chosen.add(g.one()));
    List.copyOf(chosen).forEach(g -> chosen.addAll(partners(g)));
    List<GroupPair> ranked = ranked(chosen);
    while (addPartners(chosen, ranked.get(0))) {
      ranked = ranked(chosen);
    }
    return ranked.stream().limit(limit).toList();
  }

  private boolean addPartners(Set<Integer> chosen, GroupPair genotype) {
    boolean grown = false;
    for (int side : genotype.sides()) {
      grown |= chosen.addAll(partners(side));
    }
    return grown;
  }

  private IntStream all() {
    return IntStream.range(0, model.groups().size());
  }

  private List<GroupPair> ranked(NavigableSet<Integer> chosen) {
    List<GroupPair> pairs = new ArrayList<>();
    for (int one : chosen) {
      for (int two : chosen.headSet(one, true)) {
        pairs.add(known.computeIfAbsent(List.of(one, two), k -> pair(one, two)));
      }
    }
    pairs.sort(order);
    return pairs;
  }

  /** The groups with the largest shares, if all were mixed. */
  private List<Integer> mostLikely() {
    int groups = model.groups().size();
    int fragments = model.fragments().size();
    double[] shares = new double[groups];
    java.util.Arrays.fill(shares, 1.0 / groups);
    for (int round = 0; round < SHARE_ROUNDS; round++) {
      double[] sums = new double[fragments];
      for (int g = 0; g < groups; g++) {
        float[] likelihoods = model.likelihoods(g);
        for (int p = 0; p < fragments; p++) {
          sums[p] += shares[g] * likelihoods[p];
        }
      }
      for (int g = 0; g < groups; g++) {
        float[] likelihoods = model.likelihoods(g);
        double sum = 0;
        for (int p = 0; p < fragments; p++) {
          sum += likelihoods[p] / (sums[p] + 1e-9);
        }
        shares[g] *= sum / fragments;
      }
    }
    return all()
        .boxed()
        .sorted(
            Comparator.<Integer>comparingDouble(g -> -shares[g])
                .thenComparing(this::representative, model.preference()))
        .limit(seeds)
        .toList();
  }

  /** The groups that explain most beside a given one. */
  private List<Integer> partners(int group) {
    float[] own = model.likelihoods(group);
    double[] scores = new double[model.groups().size()];
    for (int g = 0; g < scores.length; g++) {
      scores[g] = mixture.logLikelihood(own, model.likelihoods(g), 0.5) - open(g);
    }
    return all()
        .boxed()
        .sorted(
            Comparator.<Integer>comparingLong(g -> -Math.round(scores[g] / TIE))
                .thenComparing(this::representative, model.preference()))
        .limit(PARTNERS)
        .toList();
  }

  private double open(int group) {
    return model.groups().get(group).complete() ? 0 : openPenalty;
  }

  private GroupPair pair(int one, int two) {
    boolean inOrder = model.preference().compare(representative(one), representative(two)) <= 0;
    int first = inOrder ? one : two;
    int second = inOrder ? two : one;
    float[] a = model.likelihoods(first);
    float[] b = model.likelihoods(second);
    double share = one == two ? 0.5 : mixture.share(a, b);
    double reads = mixture.logLikelihood(a, b, share);
    return new GroupPair(first, second, share, reads - cost(first, second));
  }

  /** What a genotype must make good before its reads count for it. */
  private double cost(int one, int two) {
    return open(one) + (one == two ? 0 : open(two) + penalty);
  }

  /** Log-likelihood without what a genotype must make good: what the reads alone say. */
  double ofReads(GroupPair genotype) {
    return genotype.logLikelihood() + cost(genotype.one(), genotype.two());
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
