package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.gems.typer.calls.LocusCall.AlleleCall;
import org.gems.typer.calls.LocusCall.Candidate;
import org.gems.typer.calls.LocusCall.State;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Two of DRB3, DRB4 and DRB5, each on one chromosome, as the one locus that they are reported as.
 */
final class JoinedGenes {
  private final int candidates;

  /** A join that keeps as many candidates as a ruleset reports. */
  JoinedGenes(Ruleset ruleset) {
    candidates = ruleset.count(Threshold.CANDIDATES_REPORTED);
  }

  /**
   * One call of two genes' calls; a gene that could not be named leaves the other's allele alone.
   */
  LocusCall join(LocusCall one, LocusCall two) {
    int named = one.alleles().size() + two.alleles().size();
    State state = named == 0 ? State.NO_CALL : named == 1 ? State.SINGLE_COPY : State.HETEROZYGOUS;
    GenotypeList possible = one.genotypes().beside(two.genotypes());
    List<AlleleCall> alleles = both(one.alleles(), two.alleles());
    return new LocusCall(
        one.locus(),
        state,
        both(LocusCall.ofOneCopy(one.flags()), LocusCall.ofOneCopy(two.flags())),
        alleles.stream().map(allele -> ofCopies(allele, named)).toList(),
        ranked(one.candidates(), two.candidates()),
        both(one.counts(), two.counts()),
        both(one.coverage(), two.coverage()),
        named == 1 ? possible.ofOneCopy() : possible,
        one.drawing().beside(two.drawing()),
        Map.of());
  }

  /** Two genes share no amplicon in which alleles compete, so each has the share of one copy. */
  private static AlleleCall ofCopies(AlleleCall allele, int copies) {
    return new AlleleCall(
        allele.name(),
        allele.ambiguities(),
        allele.gGroup(),
        allele.pGroup(),
        allele.ciwd(),
        allele.documentation(),
        allele.pairs(),
        1.0 / copies);
  }

  /** Each candidate of the one beside each of the other, best first. */
  private List<Candidate> ranked(List<Candidate> one, List<Candidate> two) {
    List<Candidate> all = new ArrayList<>();
    one.forEach(a -> two.forEach(b -> all.add(beside(a, b))));
    all.sort(
        Comparator.comparingDouble((Candidate c) -> -c.logLikelihood())
            .thenComparing(Candidate::rank));
    List<Candidate> ranked = new ArrayList<>();
    for (Candidate c : all.subList(0, Math.min(all.size(), candidates))) {
      int rank = ranked.size() + 1;
      ranked.add(
          new Candidate(rank, c.alleles(), c.logLikelihood(), c.mismatches(), c.unknownBp()));
    }
    return ranked;
  }

  private static Candidate beside(Candidate one, Candidate two) {
    return new Candidate(
        one.rank() + two.rank(),
        both(one.alleles(), two.alleles()),
        one.logLikelihood() + two.logLikelihood(),
        one.mismatches() + two.mismatches(),
        one.unknownBp() + two.unknownBp());
  }

  private static <T> List<T> both(List<T> one, List<T> two) {
    List<T> all = new ArrayList<>(one);
    all.addAll(two);
    return all;
  }
}
