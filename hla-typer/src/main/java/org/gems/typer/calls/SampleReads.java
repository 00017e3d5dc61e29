package org.gems.typer.calls;

import java.util.List;
import java.util.Optional;
import org.gems.typer.flags.Flag;
import org.gems.typer.genotype.GeneEvidence;
import org.gems.typer.reads.ReadCounts;

/** What a sample's reads say of every gene, however they were placed. */
public interface SampleReads {
  /** Whether the library has a gene. */
  boolean isInLibrary(String gene);

  /** Whether the reads can be of a gene: it has an amplicon in the panel, or there is no panel. */
  boolean isInPanel(String gene);

  /** What the reads say of a gene; empty where it has no place. */
  Optional<GeneEvidence> evidence(String gene);

  /** Pairs of a gene. */
  int pairs(String gene);

  /** How much of a gene is there: in proportion to its copies, on one scale for all genes. */
  double amount(String gene);

  /** The least amount at which a gene may be there. */
  double leastAmount();

  /**
   * Whether several of a gene's amplicons or exons say that it is there, as far as it has several.
   */
  boolean isSpread(String gene);

  /** How many pairs were read, and where they were lost. */
  ReadCounts<?> counts();

  /** Why a gene that was typed cannot be named by its reads; none where it can. */
  List<Flag> unnameable(CalledGene gene);

  /** What is to be said of the reads of a called gene. */
  List<Flag> ofReads(CalledGene gene);

  /** Sequences that recur among pairs which nothing explains. */
  List<Variant> strangers();

  /** What is to be said of the sample where most of its pairs were lost. */
  Optional<Flag> ofSample();
}
