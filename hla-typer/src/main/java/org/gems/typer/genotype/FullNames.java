package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Tells apart, by introns and untranslated ends, alleles that the exons leave open. Only genotypes
 * that the exons do not exclude are weighed again. An allele that the release leaves open in an
 * intron is never a match there: it looks as the best of the stated ones, whichever is most like
 * it, so that it stays possible and decides nothing.
 */
public final class FullNames {
  /** Of the best stated genotypes so many alleles lend their bases to open ones. */
  private static final int MOST_DONORS = 6;

  private final Ruleset ruleset;

  /** With the ruleset's margins. */
  public FullNames(Ruleset ruleset) {
    this.ruleset = ruleset;
  }

  /**
   * A gene's result, told apart further where that is possible.
   *
   * @param singleOnly whether the gene is known to be there in one copy
   */
  public LocusResult of(LocusResult ofExons, boolean singleOnly) {
    BitSet alleles = possible(ofExons);
    if (alleles.cardinality() > ruleset.count(Threshold.ALLELE_CLASSES_MAXIMUM)) {
      return ofExons;
    }
    return ofExons
        .model()
        .evidence()
        .stretches()
        .map(stretches -> refined(ofExons, stretches, alleles, singleOnly))
        .orElse(ofExons);
  }

  /** All alleles of the genotypes that the exons do not exclude. */
  private static BitSet possible(LocusResult result) {
    BitSet alleles = new BitSet();
    Genotype called = result.called();
    for (AlleleClass side : called.classes()) {
      result.search().ambiguities(called, side).forEach(alleles::set);
    }
    for (Genotype genotype : result.ranked()) {
      if (result.search().isPossible(called, genotype.one(), genotype.two())) {
        for (AlleleClass side : genotype.classes()) {
          IntStream.of(side.members()).forEach(alleles::set);
        }
      }
    }
    return alleles;
  }

  private LocusResult refined(
      LocusResult ofExons, Stretches stretches, BitSet alleles, boolean singleOnly) {
    List<Integer> whole = alleles.stream().filter(stretches::isWhole).boxed().toList();
    if (whole.isEmpty()) {
      return ofExons;
    }
    List<Look> looks = new ArrayList<>();
    List<Integer> stated = whole.stream().filter(stretches::isStated).toList();
    whole.forEach(a -> looks.add(nearest(a, stated, stretches)));
    LocusModel model = ofExons.model().finer(stretches, looks, ruleset);
    if (stated.size() < alleles.cardinality()) {
      List<Integer> donors = donors(ranked(model, singleOnly), stated);
      alleles.stream()
          .filter(a -> !stretches.isStated(a))
          .forEach(a -> looks.addAll(looksOf(a, donors, stretches)));
      model = ofExons.model().finer(stretches, looks.stream().distinct().toList(), ruleset);
    }
    GenotypeSearch search = new GenotypeSearch(model, ruleset);
    return LocusTyper.withEvidence(model, search, eachOnce(ranked(model, singleOnly)))
        .map(r -> new LocusResult(r.model(), r.search(), r.ranked(), Optional.of(ofExons)))
        .orElse(ofExons);
  }

  /** An allele with its outer ends, where they are open, as its nearest stated relative's. */
  private static Look nearest(int allele, List<Integer> stated, Stretches stretches) {
    return stretches.isStated(allele) || stated.isEmpty()
        ? Look.of(allele)
        : new Look(
            allele,
            Collections.min(
                stated, Comparator.comparingInt(d -> stretches.differences(allele, d))));
  }

  private List<Genotype> ranked(LocusModel model, boolean singleOnly) {
    GenotypeSearch search = new GenotypeSearch(model, ruleset);
    return search.rank(ruleset.count(Threshold.GENOTYPES_KEPT), singleOnly);
  }

  /** The alleles of the best genotypes, the best first: stated ones where there are any. */
  private static List<Integer> donors(List<Genotype> ranked, List<Integer> stated) {
    return ranked.stream()
        .flatMap(genotype -> genotype.classes().stream())
        .map(AlleleClass::representative)
        .filter(allele -> stated.isEmpty() || stated.contains(allele))
        .distinct()
        .limit(MOST_DONORS)
        .toList();
  }

  /**
   * An open allele as each of the donors: where introns are open, of those only that differ from it
   * in the fewest stated bases.
   */
  private static List<Look> looksOf(int allele, List<Integer> donors, Stretches stretches) {
    int most =
        stretches.isWhole(allele)
            ? Integer.MAX_VALUE
            : donors.stream().mapToInt(d -> stretches.differences(allele, d)).min().orElse(0);
    return donors.stream()
        .filter(d -> stretches.differences(allele, d) <= most)
        .map(d -> new Look(allele, d))
        .toList();
  }

  /** Of one genotype with several looks the likeliest. */
  private static List<Genotype> eachOnce(List<Genotype> ranked) {
    Set<Set<List<Integer>>> seen = new HashSet<>();
    return ranked.stream()
        .filter(g -> seen.add(Set.copyOf(List.of(names(g.one()), names(g.two())))))
        .toList();
  }

  private static List<Integer> names(AlleleClass side) {
    return IntStream.of(side.members()).boxed().toList();
  }
}
