package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gems.typer.flags.Flag;

/**
 * What is said of one locus.
 *
 * @param locus {@code A} and so on, or {@code DRB345}
 * @param candidates what was weighed, best first
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
    List<Coverage> coverage,
    GenotypeList genotypes,
    Drawing drawing,
    Map<String, Integer> copies) {

  /** A call whose genes' copies are not counted. */
  public LocusCall(
      String locus,
      State state,
      List<Flag> flags,
      List<AlleleCall> alleles,
      List<Candidate> candidates,
      List<Coverage> coverage,
      GenotypeList genotypes,
      Drawing drawing) {
    this(locus, state, flags, alleles, candidates, coverage, genotypes, drawing, Map.of());
  }

  /** A call of which no exons are drawn. */
  public LocusCall(
      String locus,
      State state,
      List<Flag> flags,
      List<AlleleCall> alleles,
      List<Candidate> candidates,
      List<Coverage> coverage,
      GenotypeList genotypes) {
    this(locus, state, flags, alleles, candidates, coverage, genotypes, Drawing.NONE);
  }

  /**
   * How a locus stands. A single allele is homozygous only where nothing says that another one may
   * not have been copied.
   */
  public enum State {
    HETEROZYGOUS,
    HOMOZYGOUS,
    DROPOUT_SUSPECTED,
    ABSENT,
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
        locus, state, all, alleles, candidates, coverage, genotypes, drawing, copies);
  }

  /** The same call with its genes' copies counted. */
  public LocusCall withCopies(Map<String, Integer> counted) {
    return new LocusCall(
        locus, state, flags, alleles, candidates, coverage, genotypes, drawing, counted);
  }

  /** A locus of which nothing can be called. */
  public static LocusCall without(String locus, State state, Flag flag) {
    return new LocusCall(
        locus, state, List.of(flag), List.of(), List.of(), List.of(), GenotypeList.NONE);
  }
}
