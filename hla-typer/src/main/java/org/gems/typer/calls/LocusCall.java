package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;

/**
 * What is said of one locus.
 *
 * @param locus {@code A} and so on, or {@code DRB345}
 * @param candidates what was weighed, best first
 * @param counts for each allele of them the pairs that fit it
 * @param coverage per called allele and amplicon
 * @param genotypes what the reads cannot exclude
 * @param drawing what a page shows of the alleles' exons
 * @param copies for DRB345: how many copies of a gene there are, by gene, of those of which it is
 *     known
 */
public record LocusCall(
    String locus,
    State state,
    List<Flag> flags,
    List<AlleleCall> alleles,
    List<Candidate> candidates,
    List<CandidateCount> counts,
    List<Coverage> coverage,
    GenotypeList genotypes,
    Drawing drawing,
    Map<String, Integer> copies) {

  /**
   * How a locus stands. A single allele is homozygous only where nothing says that another one may
   * not have been copied; of DRB3, DRB4 and DRB5 only where two copies are counted.
   */
  public enum State {
    HETEROZYGOUS,
    HOMOZYGOUS,
    DROPOUT_SUSPECTED,
    SINGLE_COPY,
    COPIES_UNCERTAIN,
    NO_DRB345,
    NO_CALL,
    NOT_IN_LIBRARY,
    NOT_IN_PANEL
  }

  /**
   * A called allele.
   *
   * @param ambiguities its own name, then those the reads cannot tell from it
   * @param documentation {@code complete} where the release states all bases between the primers,
   *     else {@code partial}
   * @param pairs expected number of pairs that come from it
   * @param share of those pairs where the two alleles differ; 1 for a single allele
   */
  public record AlleleCall(
      String name,
      List<String> ambiguities,
      String gGroup,
      String pGroup,
      String ciwd,
      String documentation,
      double pairs,
      double share) {}

  /**
   * A genotype that was weighed.
   *
   * @param mismatches pairs that something else explains better than these alleles
   * @param unknownBp bases between primers that the release leaves open in these alleles
   */
  public record Candidate(
      int rank, List<String> alleles, double logLikelihood, int mismatches, int unknownBp) {}

  /**
   * How many pairs of each place fit an allele that was weighed.
   *
   * @param isCalled whether it is called
   * @param pairs by place, in the gene's order
   */
  public record CandidateCount(String allele, boolean isCalled, List<Pairs> pairs) {
    /**
     * Those of one place.
     *
     * @param pairs empty where the release does not state the allele there
     */
    public record Pairs(String place, OptionalInt pairs) {}
  }

  /**
   * How an amplicon covers a called allele between the primers.
   *
   * @param pairs expected number of pairs from this allele
   * @param meanDepth pairs over a base, a pair counted once where its reads overlap
   * @param track the same base by base
   */
  public record Coverage(
      String amplicon,
      String allele,
      double pairs,
      int knownBp,
      int unknownBp,
      double meanDepth,
      double minimumDepth,
      Track track) {}

  /** The same call with more to be known of it. */
  public LocusCall with(List<Flag> more) {
    List<Flag> all = new ArrayList<>(flags);
    all.addAll(more);
    return new LocusCall(
        locus, state, all, alleles, candidates, counts, coverage, genotypes, drawing, copies);
  }

  /**
   * The same DRB345 call with its genes' copies counted: a single allele is there once, or twice,
   * or it stays open how often.
   */
  public LocusCall withCopies(Map<String, Integer> counted) {
    if (alleles.size() != 1) {
      return as(state, flags, genotypes, counted);
    }
    int copiesOfIt = counted.getOrDefault(geneOf(alleles.get(0)), 0);
    if (copiesOfIt == 1 || state == State.SINGLE_COPY) {
      return as(State.SINGLE_COPY, ofOneCopy(flags), genotypes.ofOneCopy(), counted);
    }
    boolean isTwice = copiesOfIt == 2 && state == State.COPIES_UNCERTAIN;
    return as(isTwice ? State.HOMOZYGOUS : state, flags, genotypes, counted);
  }

  /** A gene that stands on one chromosome only has no other allele that could hide. */
  static List<Flag> ofOneCopy(List<Flag> flags) {
    return flags.stream().filter(flag -> flag.code() != FlagCode.DROPOUT_SUSPECTED).toList();
  }

  private LocusCall as(
      State found, List<Flag> said, GenotypeList possible, Map<String, Integer> counted) {
    return new LocusCall(
        locus, found, said, alleles, candidates, counts, coverage, possible, drawing, counted);
  }

  private static String geneOf(AlleleCall allele) {
    return allele.name().substring(0, allele.name().indexOf('*'));
  }

  /** A locus of which nothing can be called. */
  public static LocusCall without(String locus, State state, Flag flag) {
    return new LocusCall(
        locus,
        state,
        List.of(flag),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        GenotypeList.NONE,
        Drawing.NONE,
        Map.of());
  }
}
