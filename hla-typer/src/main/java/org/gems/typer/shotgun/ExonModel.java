package org.gems.typer.shotgun;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** A gene's alleles, grouped by their exons, against its fragments. */
final class ExonModel {
  private final Gene gene;
  private final List<Fragment> fragments;
  private final List<AlleleGroup> groups = new ArrayList<>();
  private final int[] exons;
  private final int[] rank;
  private final float[][] likelihoods;
  private final float[] leastCosts;
  private final double tolerated;

  ExonModel(Gene gene, List<Fragment> fragments, Ruleset ruleset) {
    this.gene = gene;
    this.fragments = fragments;
    this.exons =
        IntStream.range(0, gene.features().size())
            .filter(f -> gene.features().get(f).isExon())
            .toArray();
    this.rank = ranks();
    group();
    this.likelihoods = new float[groups.size()][fragments.size()];
    this.leastCosts = new float[fragments.size()];
    this.tolerated = ruleset.get(Threshold.SHOTGUN_TOLERATED_COST_LN);
    weigh((float) ruleset.get(Threshold.SHOTGUN_UNSTATED_BASE_LN));
  }

  /** Stated in full before open, then the more common, then the lower name. */
  private int[] ranks() {
    List<AlleleEntry> alleles = gene.table().alleles();
    int[] ordered =
        IntStream.range(0, alleles.size())
            .boxed()
            .sorted(
                Comparator.<Integer, Boolean>comparing(a -> !gene.isComplete(a))
                    .thenComparing(
                        alleles::get,
                        Comparator.comparingInt(AlleleEntry::ciwdRank)
                            .thenComparing(AlleleEntry::name)))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] ranks = new int[ordered.length];
    for (int i = 0; i < ordered.length; i++) {
      ranks[ordered[i]] = i;
    }
    return ranks;
  }

  private void group() {
    Map<List<Integer>, List<Integer>> members = new LinkedHashMap<>();
    for (int a = 0; a < gene.table().alleles().size(); a++) {
      int allele = a;
      List<Integer> rows =
          IntStream.of(exons).mapToObj(f -> gene.features().get(f).rowOf(allele)).toList();
      members.computeIfAbsent(rows, k -> new ArrayList<>()).add(a);
    }
    members.values().stream()
        .map(m -> m.stream().sorted(preference()).mapToInt(Integer::intValue).toArray())
        .map(m -> new AlleleGroup(m, gene.isComplete(m[0])))
        .forEach(groups::add);
  }

  private void weigh(float unstated) {
    float[][] rowCosts = new float[gene.features().size()][];
    for (int f : exons) {
      rowCosts[f] = new float[gene.features().get(f).rows()];
    }
    float[] costs = new float[groups.size()];
    for (int p = 0; p < fragments.size(); p++) {
      java.util.Arrays.fill(costs, 0);
      for (Alignment read : fragments.get(p).reads()) {
        addCosts(read, unstated, rowCosts, costs);
      }
      float least = Float.MAX_VALUE;
      for (float cost : costs) {
        least = Math.min(least, cost);
      }
      leastCosts[p] = least;
      // What no allele of the gene explains is likely another gene's, and decides the less.
      double unexplained = least - fragments.get(p).promised() - tolerated;
      double base = least - Math.max(0, unexplained);
      for (int g = 0; g < costs.length; g++) {
        likelihoods[g][p] = (float) Math.exp(base - costs[g]);
      }
    }
  }

  private void addCosts(Alignment read, float unstated, float[][] rowCosts, float[] costs) {
    for (int f : exons) {
      FeatureTable table = gene.features().get(f);
      int end = gene.start(f) + table.columns();
      if (read.firstFrom(gene.start(f)) < read.firstFrom(end)) {
        table.score(read, gene.start(f), unstated, rowCosts[f]);
        for (int g = 0; g < costs.length; g++) {
          costs[g] += rowCosts[f][table.rowOf(groups.get(g).representative())];
        }
      }
    }
  }

  Gene gene() {
    return gene;
  }

  List<Fragment> fragments() {
    return fragments;
  }

  List<AlleleGroup> groups() {
    return groups;
  }

  /** Features that are exons. */
  int[] exons() {
    return exons;
  }

  /** Of alleles that the reads cannot tell apart the one to be named first. */
  Comparator<Integer> preference() {
    return Comparator.comparingInt(a -> rank[a]);
  }

  /** What a fragment's mismatches in exons cost the group that they cost least. */
  float leastCost(int fragment) {
    return leastCosts[fragment];
  }

  /**
   * Likelihoods of all fragments under a group, relative to each fragment's best; less where that
   * is bad.
   */
  float[] likelihoods(int group) {
    return likelihoods[group];
  }
}
