package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.library.AlleleName;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Types one gene from what its reads say, however they were placed. */
public final class LocusTyper {
  private final Ruleset ruleset;

  /** A typer with the ruleset's penalties. */
  public LocusTyper(Ruleset ruleset) {
    this.ruleset = ruleset;
  }

  /**
   * Types a gene.
   *
   * @param singleOnly whether it is known to be there in one copy
   * @return empty where there are too few pairs to say anything
   */
  public Optional<LocusResult> type(GeneEvidence evidence, boolean singleOnly) {
    if (evidence.targets().isEmpty()
        || evidence.pairs() < ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS)) {
      return Optional.empty();
    }
    LocusModel model = new LocusModel(evidence, ruleset);
    GenotypeSearch search = new GenotypeSearch(model, ruleset);
    Shortlist shortlist = new Shortlist(model, search, ruleset);
    int limit = ruleset.count(Threshold.GENOTYPES_KEPT);
    shortlist.begin();
    List<Genotype> ranked = search.rank(limit, singleOnly);
    while (!ranked.isEmpty() && !singleOnly && shortlist.grow(ranked.get(0))) {
      ranked = search.rank(limit, false);
    }
    return withEvidence(model, search, ranked);
  }

  /**
   * Leaves out nulls that no read over a defining base speaks for, and puts the called one first.
   */
  static Optional<LocusResult> withEvidence(
      LocusModel model, GenotypeSearch search, List<Genotype> ranked) {
    NullEvidence nulls = new NullEvidence(model);
    List<Genotype> rest = new ArrayList<>(ranked);
    while (!rest.isEmpty()) {
      Genotype called = search.named(rest);
      rest.remove(called);
      if (called.classes().stream().allMatch(nulls::isSeen)) {
        rest.add(0, called);
        List<Genotype> ordered = rest.stream().map(g -> inOrderOfNames(model, g)).toList();
        return Optional.of(new LocusResult(model, search, ordered));
      }
    }
    return Optional.empty();
  }

  /** The alleles as laboratories write them, the one of the lower name first. */
  private static Genotype inOrderOfNames(LocusModel model, Genotype genotype) {
    AlleleName one = model.entry(genotype.one().representative()).name();
    AlleleName two = model.entry(genotype.two().representative()).name();
    return one.compareTo(two) <= 0
        ? genotype
        : new Genotype(
            /* one= */ genotype.two(), /* two= */ genotype.one(), genotype.logLikelihood());
  }
}
