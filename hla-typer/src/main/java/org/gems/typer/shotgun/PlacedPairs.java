package org.gems.typer.shotgun;

import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.Genotype;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.LocusTyper;
import org.gems.typer.reads.ReadCounts;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * A sample's pairs, divided between the genes that may have made them. Related genes share long
 * stretches: over all alleles of a library many pairs are as good on two genes. So genes are called
 * first, and the pairs divided again by the alleles that the sample may have, until nothing
 * changes; genes of which nothing is seen that no other gene explains take no part.
 */
public final class PlacedPairs {
  /** Genes are called and pairs divided at most so often; two rounds settle nearly all samples. */
  private static final int ROUNDS = 4;

  /** A change of a pair's probability that is worth another round. */
  private static final double CHANGE = 0.1;

  /** A pair is one gene's where that is so likely; as likely as the margin between two genes. */
  private static final double SURE = 0.9;

  private final ShotgunLibrary library;
  private final Ruleset ruleset;
  private final Set<Integer> typed = new HashSet<>();
  private final PairCollector counts;
  private final List<Fragment> fragments;
  private final Map<Integer, GeneExons> evidence = new TreeMap<>();
  private final Set<Integer> carried = new TreeSet<>();

  private PlacedPairs(
      ShotgunLibrary library, Ruleset ruleset, Set<String> wanted, PairCollector counts) {
    this.library = library;
    this.ruleset = ruleset;
    this.counts = counts;
    this.fragments = counts.fragments();
    wanted.forEach(gene -> library.indexOf(gene).ifPresent(typed::add));
  }

  /**
   * Reads a sample to its end and places its pairs.
   *
   * @param wanted the genes to be typed
   * @throws IOException where a file cannot be closed
   * @throws org.gems.typer.BadInputException where a file is not as it must be
   */
  public static PlacedPairs of(
      ShotgunLibrary library, Ruleset ruleset, Set<String> wanted, Sample sample)
      throws IOException {
    PairCollector collected = PairCollector.collect(library, ruleset, wanted, sample);
    PlacedPairs placed = new PlacedPairs(library, ruleset, wanted, collected);
    placed.divide();
    placed.settle();
    return placed;
  }

  private void divide() {
    Set<Integer> genes = competing();
    findCarried();
    List<GeneExons> weighed = genes.parallelStream().map(this::weighed).toList();
    weighed.forEach(exons -> evidence.put(exons.geneIndex(), exons));
    Set<Integer> changed = share(genes);
    for (int round = 1; round < ROUNDS && !changed.isEmpty(); round++) {
      changed.parallelStream().forEach(this::call);
      changed = share(genes);
    }
    evidence.values().forEach(GeneExons::count);
  }

  /** Typed genes, and those with pairs that a typed gene may have made as well. */
  private Set<Integer> competing() {
    Set<Integer> genes = new TreeSet<>(typed);
    for (Fragment fragment : fragments) {
      boolean isTyped = fragment.placements().stream().anyMatch(p -> typed.contains(p.gene()));
      if (isTyped && fragment.isContested()) {
        fragment.placements().forEach(p -> genes.add(p.gene()));
      }
    }
    return genes;
  }

  private GeneExons weighed(int gene) {
    List<Fragment> own = fragments.stream().filter(f -> f.indexOf(gene) >= 0).toList();
    List<Fragment> ofIntrons =
        counts.ofIntrons().stream().filter(f -> f.best().gene() == gene).toList();
    return new GeneExons(library.genes().get(gene), gene, own, ofIntrons, ruleset);
  }

  /**
   * Genes with pairs of their own: by errors a pair of a related gene is now and then like another
   * one alone, but not often.
   */
  private void findCarried() {
    int[] own = new int[library.genes().size()];
    for (int g = 0; g < own.length; g++) {
      own[g] = counts.elsewhere(g);
    }
    Map<Integer, Set<Integer>> rivals = new HashMap<>();
    for (Fragment fragment : fragments) {
      if (!fragment.isContested()) {
        own[fragment.best().gene()]++;
      }
      for (Placement one : fragment.placements()) {
        for (Placement two : fragment.placements()) {
          rivals.computeIfAbsent(one.gene(), g -> new HashSet<>()).add(two.gene());
        }
      }
    }
    double leastShare = ruleset.get(Threshold.SHOTGUN_CARRIED_SHARE);
    int leastPairs = ruleset.count(Threshold.SHOTGUN_CARRIED_PAIRS);
    rivals.forEach(
        (gene, others) -> {
          int most = others.stream().mapToInt(other -> own[other]).max().orElse(0);
          if (own[gene] >= leastShare * most && (own[gene] >= leastPairs || own[gene] == most)) {
            carried.add(gene);
          }
        });
  }

  /** Tells each gene's evidence how likely each pair is another's; answers where that changed. */
  private Set<Integer> share(Set<Integer> genes) {
    float least = (float) ruleset.get(Threshold.OUTLIER_RATE);
    Set<Integer> changed = new TreeSet<>();
    for (int gene : genes) {
      for (ExonTarget target : evidence.get(gene).exonTargets()) {
        float[] before = target.elsewhere();
        for (int p = 0; p < target.pairs(); p++) {
          float elsewhere = (float) Math.max(least, 1 - share(target.fragments().get(p), gene));
          if (Math.abs(elsewhere - before[p]) > CHANGE) {
            changed.add(gene);
          }
          before[p] = elsewhere;
        }
      }
    }
    return changed;
  }

  /** How likely a pair is a gene's, of those that the sample carries. */
  private double share(Fragment fragment, int gene) {
    double all = 0;
    double own = 0;
    for (int i = 0; i < fragment.placements().size(); i++) {
      int other = fragment.placements().get(i).gene();
      double weight = carried.contains(other) ? fragment.weight(i) : 0;
      all += weight;
      own += other == gene ? weight : 0;
    }
    return all == 0 ? 0 : own / all;
  }

  /**
   * Calls a gene and notes what contested pairs lose if they are of the alleles that may be there.
   */
  private void call(int gene) {
    GeneExons exons = evidence.get(gene);
    new LocusTyper(ruleset).type(exons, false).ifPresent(found -> note(gene, exons, found));
  }

  private void note(int gene, GeneExons exons, LocusResult result) {
    List<AlleleClass> likely = likely(result);
    for (int t = 0; t < exons.exonTargets().size(); t++) {
      ExonTarget target = exons.exonTargets().get(t);
      BitSet weighed = new BitSet();
      for (AlleleClass allele : likely) {
        for (int way : target.sequencesOf(allele.representative())) {
          weighed.set(target.weighedAs(way));
        }
      }
      for (int p = 0; p < target.pairs(); p++) {
        Fragment fragment = target.fragments().get(p);
        if (fragment.isContested()) {
          fragment.lose(fragment.indexOf(gene), target.lostBy(p, weighed));
        }
      }
    }
  }

  /** The alleles of all genotypes that a strong base or two could still make the best. */
  private List<AlleleClass> likely(LocusResult result) {
    double least =
        result.called().logLikelihood() - ruleset.get(Threshold.SHOTGUN_LIKELY_MARGIN_LN);
    Set<AlleleClass> likely = new LinkedHashSet<>();
    for (Genotype genotype : result.ranked()) {
      if (genotype.logLikelihood() >= least) {
        likely.addAll(genotype.classes());
      }
    }
    return List.copyOf(likely);
  }

  /** Counts each pair once: with the gene that it is surely of, or as lost. */
  private void settle() {
    for (Fragment fragment : fragments) {
      int best = fragment.best().gene();
      for (Placement placement : fragment.placements()) {
        best = share(fragment, placement.gene()) > share(fragment, best) ? placement.gene() : best;
      }
      if (!typed.contains(best)) {
        counts.lose(ShotgunFilter.OFF_TARGET);
      } else if (share(fragment, best) < SURE) {
        counts.lose(ShotgunFilter.AMBIGUOUS_GENE);
      }
    }
  }

  /** How many pairs were read, and where they were lost. */
  public ReadCounts<ShotgunFilter> counts() {
    return counts;
  }

  /** What the pairs say of a typed gene; empty where the library lacks it. */
  public Optional<GeneExons> evidence(String gene) {
    return library.indexOf(gene).map(evidence::get);
  }
}
