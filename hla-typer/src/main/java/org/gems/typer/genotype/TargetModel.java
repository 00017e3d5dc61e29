package org.gems.typer.genotype;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.genotype.Mixture.Fit;
import org.gems.typer.haplotype.HaplotypeSet;

/**
 * One amplicon's say in the genotype: how well any two alleles explain its pairs. Alleles with
 * equal options here are one option set.
 */
public final class AmpliconModel {
  private static final int NONE = -2;

  private final AmpliconEvidence evidence;
  private final List<OptionSet> sets = new ArrayList<>();
  private final int[] setOfAllele;
  private final Fit[][] fits;
  private final double[][] pairScores;
  private final double[] aloneScores;
  private final double[] bestScores;

  /**
   * The sequences that an allele may have.
   *
   * @param supported indices among the supported sequences; -1 alone where none is supported
   * @param log natural logarithm of how many sequences are open in all, supported or not
   */
  private record OptionSet(int[] supported, double log) {}

  /** The best choice of options for two alleles. */
  public record Choice(int one, int two, Fit fit) {}

  /** A model of an amplicon for all alleles of its locus. */
  public AmpliconModel(AmpliconEvidence evidence, Mixture mixture) {
    this.evidence = evidence;
    this.fits = fits(evidence, mixture);
    HaplotypeSet haplotypes = evidence.product().haplotypes();
    setOfAllele = new int[evidence.product().table().alleles().size()];
    IdentityHashMap<int[], Integer> byOptions = new IdentityHashMap<>();
    Map<IntBuffer, Integer> seen = new HashMap<>();
    for (int a = 0; a < setOfAllele.length; a++) {
      int[] options = haplotypes.optionsOf(a);
      Integer set = byOptions.get(options);
      if (set == null) {
        set = setOf(options, seen);
        byOptions.put(options, set);
      }
      setOfAllele[a] = set;
    }
    pairScores = new double[sets.size()][];
    aloneScores = unknown(sets.size());
    bestScores = unknown(sets.size());
  }

  /** Fits of any two supported sequences, none of them coming first. */
  private static Fit[][] fits(AmpliconEvidence evidence, Mixture mixture) {
    Fit[][] fits = new Fit[evidence.size() + 1][evidence.size() + 1];
    for (int one = 0; one < fits.length; one++) {
      for (int two = 0; two <= one; two++) {
        Fit fit = mixture.fit(evidence, one - 1, two - 1);
        fits[one][two] = fit;
        fits[two][one] = one == two ? fit : new Fit(fit.logLikelihood(), 1 - fit.share());
      }
    }
    return fits;
  }

  private static double[] unknown(int size) {
    double[] scores = new double[size];
    Arrays.fill(scores, Double.NaN);
    return scores;
  }

  /** A buffer is the key because two with the same numbers are equal, which arrays are not. */
  private int setOf(int[] options, Map<IntBuffer, Integer> seen) {
    int[] supported = supported(options);
    int[] key = Arrays.copyOf(supported, supported.length + 1);
    key[supported.length] = options.length;
    Integer id = seen.putIfAbsent(IntBuffer.wrap(key), sets.size());
    if (id == null) {
      id = sets.size();
      sets.add(new OptionSet(supported, Math.log(options.length)));
    }
    return id;
  }

  private int[] supported(int[] options) {
    int[] indices = new int[options.length];
    int size = 0;
    for (int option : options) {
      int index = evidence.indexOf(option);
      if (index >= 0) {
        indices[size++] = index;
      }
    }
    Arrays.sort(indices, 0, size);
    return size == 0 ? new int[] {-1} : Arrays.copyOf(indices, size);
  }

  /** The pairs and their likelihoods. */
  public AmpliconEvidence evidence() {
    return evidence;
  }

  /** The option set of an allele. */
  public int setOf(int allele) {
    return setOfAllele[allele];
  }

  /** Whether any option of a set is supported by the pairs. */
  public boolean isSupported(int set) {
    return sets.get(set).supported()[0] >= 0;
  }

  /** Log-likelihood of two alleles by the best choice of their option sets. */
  public double score(int setOne, int setTwo) {
    int low = Math.min(setOne, setTwo);
    int high = Math.max(setOne, setTwo);
    if (pairScores[high] == null) {
      pairScores[high] = unknown(high + 1);
    }
    if (Double.isNaN(pairScores[high][low])) {
      pairScores[high][low] = choose(low, high).fit().logLikelihood();
    }
    return pairScores[high][low];
  }

  /** Log-likelihood of one allele in two copies. */
  public double homozygousScore(int set) {
    if (Double.isNaN(aloneScores[set])) {
      aloneScores[set] = chooseHomozygous(set).fit().logLikelihood();
    }
    return aloneScores[set];
  }

  /** The natural logarithm of how many sequences a set allows. */
  public double freedom(int set) {
    return sets.get(set).log();
  }

  /** The best of a set's options with any supported sequence at its side. */
  public double bestScore(int set) {
    if (Double.isNaN(bestScores[set])) {
      double best = Double.NEGATIVE_INFINITY;
      for (int one : sets.get(set).supported()) {
        for (int two = -1; two < evidence.size(); two++) {
          best = Math.max(best, fit(one, two).logLikelihood());
        }
      }
      bestScores[set] = best;
    }
    return bestScores[set];
  }

  /** The options that explain the pairs best. */
  public Choice choose(int setOne, int setTwo) {
    int bestOne = NONE;
    int bestTwo = NONE;
    Fit best = null;
    for (int one : sets.get(setOne).supported()) {
      for (int two : sets.get(setTwo).supported()) {
        Fit fit = fit(one, two);
        if (best == null || fit.logLikelihood() > best.logLikelihood()) {
          best = fit;
          bestOne = one;
          bestTwo = two;
        }
      }
    }
    return new Choice(bestOne, bestTwo, best);
  }

  /** The option that explains the pairs best alone. */
  public Choice chooseHomozygous(int set) {
    int best = NONE;
    for (int one : sets.get(set).supported()) {
      boolean first = best == NONE;
      best = first || fit(one, one).logLikelihood() > fit(best, best).logLikelihood() ? one : best;
    }
    return new Choice(best, best, fit(best, best));
  }

  private Fit fit(int one, int two) {
    return fits[one + 1][two + 1];
  }
}
