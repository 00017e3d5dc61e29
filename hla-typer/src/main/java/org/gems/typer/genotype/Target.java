package org.gems.typer.genotype;

import java.util.BitSet;
import java.util.List;

/**
 * The pairs of one place of a gene, an amplicon of the panel or, without a panel, an exon, against
 * the few sequences that are weighed. A likelihood is relative to the best sequence that any gene
 * offers for the pair, so it lies between 0 and 1.
 */
public interface Target {
  /** The place's name in results. */
  String name();

  /** The pairs and what is weighed; not to be changed. */
  WeighedPairs weighed();

  /** Number of pairs. */
  default int pairs() {
    return elsewhere().length;
  }

  /** Number of sequences that are weighed. */
  default int size() {
    return weighed().likelihoods().length;
  }

  /** Likelihoods of all pairs under a weighed sequence. */
  default float[] likelihoods(int sequence) {
    return weighed().likelihoods()[sequence];
  }

  /** For each pair how likely something else than this gene made it. */
  default float[] elsewhere() {
    return weighed().elsewhere();
  }

  /** What each allele may be here. */
  default OptionSets options() {
    return weighed().options();
  }

  /** The bases of an allele here, if it has a weighed sequence. */
  Places places(int allele, int sequence);

  /** Writes the bases that a pair shows, as laid on an allele's places. */
  void show(int pair, Places places, Shown into);

  /** A pair's reads as they lie on the gene's columns; none where they lie on a sequence only. */
  default List<LaidRead> laid(int pair) {
    return List.of();
  }

  /**
   * A pair's reads on the gene's columns, where they lie on a sequence on that of an allele; none
   * where no pair of the place has bases more or less than a sequence.
   */
  default List<LaidRead> laidOn(int pair, int allele, int sequence) {
    return laid(pair);
  }

  /**
   * Whether both ends of every pair are known by its primers, so that bases more or less in an
   * intron are sure too.
   */
  default boolean isAnchored() {
    return false;
  }

  /** Number of all sequences, weighed or not. */
  default int sequences() {
    return weighed().weighedAs().length;
  }

  /** All sequences that an allele may have, by their numbers among all. */
  int[] sequencesOf(int allele);

  /** The weighed sequence that one of all is, or cannot be told from; {@link OptionSets#NONE}. */
  default int weighedAs(int sequence) {
    return weighed().weighedAs()[sequence];
  }

  /** Which of all sequences explain a pair about as well as the best. */
  BitSet explaining(int pair);

  /** The likelihood of a pair's best sequence of this gene: 1, or less where that is bad. */
  float bestLikelihood(int pair);
}
