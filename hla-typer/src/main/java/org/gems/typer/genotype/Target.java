package org.gems.typer.genotype;

import java.util.BitSet;

/**
 * The pairs of one place of a gene, an amplicon of the panel or, without a panel, an exon, against
 * the few sequences that are weighed. A likelihood is relative to the best sequence that any gene
 * offers for the pair, so it lies between 0 and 1.
 */
public interface Target {
  /** The place's name in results. */
  String name();

  /** Number of pairs. */
  int pairs();

  /** Number of sequences that are weighed. */
  int size();

  /** Likelihoods of all pairs under a weighed sequence; not to be changed. */
  float[] likelihoods(int sequence);

  /** For each pair how likely something else than this gene made it; not to be changed. */
  float[] elsewhere();

  /** The pull of the alleles' share to one half, in pairs of each as if they had been seen. */
  double sharePriorCounts();

  /** What each allele may be here. */
  OptionSets options();

  /** The bases of an allele here, if it has a weighed sequence. */
  Places places(int allele, int sequence);

  /** Writes the bases that a pair shows, as laid on an allele's places. */
  void show(int pair, Places places, Shown into);

  /** Number of all sequences, weighed or not. */
  int sequences();

  /** All sequences that an allele may have, by their numbers among all. */
  int[] sequencesOf(int allele);

  /** The weighed sequence that one of all is, or cannot be told from; {@link OptionSets#NONE}. */
  int weighedAs(int sequence);

  /** Which of all sequences explain a pair about as well as the best. */
  BitSet explaining(int pair);

  /** The likelihood of a pair's best sequence of this gene: 1, or less where that is bad. */
  float bestLikelihood(int pair);
}
