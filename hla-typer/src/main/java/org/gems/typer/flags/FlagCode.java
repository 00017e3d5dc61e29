package org.gems.typer.flags;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Everything that results say of a call or a sample beside the call: the words of flags, where each
 * may occur, and what stands in its evidence.
 */
public enum FlagCode {
  /** Reads. */
  LOW_DEPTH(
      Where.BOTH,
      "too few pairs to see both alleles",
      "amplicon depth threshold lowest_depth lowest_threshold"),
  AMPLICON_WITHOUT_READS(Where.PANEL, "amplicons with too few pairs to be weighed", "amplicons"),
  AMPLICON_NOT_IN_LIBRARY(
      Where.PANEL, "amplicons for which the library states no sequence", "amplicons"),
  UNCOVERED_EXON(Where.NO_PANEL, "exons with almost no reads", "gene exons"),
  SHORT_READS(
      Where.BOTH,
      "reads so short that related genes or alleles may not be told apart",
      "mean_read_bp threshold"),
  UNREAD_EXON_BASES(
      Where.PANEL,
      "exon bases in the middle of an amplicon that no read reaches",
      "gene amplicon feature first_position last_position bases"),
  STRAY_PAIRS(
      Where.BOTH,
      "pairs of a place that neither called allele explains",
      "gene amplicon pairs share threshold",
      "feature position base"),
  PSEUDOGENE_READS(
      Where.PANEL, "a pseudogene took part of an amplicon", "gene amplicon pairs share threshold"),
  CHIMERA_SUSPECTED(
      Where.PANEL,
      "pairs that begin as one sequence and end as another",
      "parents pairs share",
      "amplicon threshold breakpoint_from breakpoint_to equals"),
  CHIMERA_EQUALS_ALLELE(
      Where.PANEL,
      "a called allele is also what a chimera would be",
      "allele parents amplicons share"),
  THIRD_ALLELE_SUSPECTED(
      Where.BOTH,
      "pairs of an allele beside the two called ones",
      "gene allele share pairs amplicons",
      "sample loci_agreeing sample_pairs sample_share"),
  UNEXPLAINED_SEQUENCE(
      Where.PANEL,
      "a sequence that recurs and that no allele explains",
      "amplicon gene pairs share threshold"),

  /** Alleles. */
  POSSIBLE_NEW_ALLELE(
      Where.BOTH,
      "a base in which the reads differ from the called alleles",
      "allele amplicon gene pairs changes feature position old_base new_base share"),
  ALLELE_IMBALANCE(
      Where.BOTH,
      "an allele with few of the pairs that tell the two apart, overall or in one amplicon or exon",
      "allele share threshold",
      "amplicon"),
  DOUBTFUL_SECOND_ALLELE(
      Where.BOTH, "a second allele that may be another sample's", "allele share threshold"),
  MINOR_ALLELE_SUSPECTED(
      Where.BOTH,
      "pairs that point to a second allele, too few to call it",
      "allele log_likelihood_gain threshold"),
  DROPOUT_SUSPECTED(
      Where.BOTH,
      "an amplicon or exon that shows one allele only, or not a base that only one of them has",
      "amplicon allele",
      "share threshold feature position"),
  PARTLY_UNKNOWN_ALLELE(
      Where.BOTH, "exon bases that the release does not state", "allele unknown_exon_bp"),
  AMBIGUOUS_PROTEIN(
      Where.BOTH, "names of several proteins fit the reads", "allele two_field_names"),
  NULL_NOT_EXCLUDED(
      Where.BOTH, "an allele that is not expressed fits the reads too", "null_allele nulls"),
  POSSIBLE_NULL(
      Where.BOTH,
      "a splice site, start or stop codon that no called allele has: the allele may not be expressed",
      "allele gene feature position old_base new_base pairs share alleles places"),
  OTHER_PAIR_AS_LIKELY(
      Where.BOTH,
      "two other alleles together fit the reads about as well",
      "alleles log_likelihood_gap pairs"),
  PHASE_CONTRADICTED(
      Where.BOTH,
      "pairs that show two exons contradict the phase of the called alleles",
      "gene exons pairs share threshold"),
  LINKAGE_UNUSUAL(Where.BOTH, "alleles that rarely stand beside DRB1's", "drb1 expected found"),

  /** DRB3, DRB4 and DRB5. */
  COPY_NUMBER_UNCERTAIN(
      Where.BOTH,
      "whether DRB3, DRB4 or DRB5 is there once or twice is open",
      "gene expected depth_copies threshold"),
  WEAK_GENE(Where.BOTH, "a gene with too few pairs to be there", "gene amount drb1_amount"),
  GENE_NOT_TYPED(Where.BOTH, "a gene that is there and cannot be named", "gene pairs"),
  MORE_THAN_TWO_GENES(Where.BOTH, "DRB3, DRB4 and DRB5 are all there", "genes"),

  /** No call. */
  NO_READS(Where.BOTH, "no pair is of the gene", "pairs"),
  TOO_FEW_READS(Where.BOTH, "too few pairs to call the gene", "pairs threshold"),
  DEFINING_EXON_WITHOUT_READS(
      Where.NO_PANEL, "no reads in the exons that name alleles", "gene exons_with_reads pairs"),
  RELATIVES_NOT_IN_LIBRARY(
      Where.NO_PANEL,
      "reads of genes that the library lacks cannot be told from the gene's",
      "gene lacking pairs share threshold"),
  NO_DRB345(Where.BOTH, "DRB1 has enough reads; DRB3, DRB4 and DRB5 none", "drb1_amount pairs"),
  NOT_IN_LIBRARY(Where.BOTH, "the library lacks the gene", ""),
  NOT_IN_PANEL(Where.PANEL, "the panel has no amplicon of the gene", ""),

  /** The sample as a whole. */
  MOST_PAIRS_LOST(
      Where.SAMPLE,
      "most pairs of the sample could not be used",
      "pairs lost share filter threshold"),
  LEADING_BASES(Where.SAMPLE, "bases before the primers were left out", "first_bp second_bp"),
  SEVERAL_PEOPLE_SUSPECTED(
      Where.SAMPLE, "reads of more than one person", "loci loci_called share threshold");

  /** Where a flag may occur. */
  public enum Where {
    /** At a locus, with a panel and without. */
    BOTH,
    /** At a locus, with a panel only. */
    PANEL,
    /** At a locus, without a panel only. */
    NO_PANEL,
    /** At the sample. */
    SAMPLE
  }

  private final Where where;
  private final String meaning;
  private final String always;
  private final String sometimes;

  FlagCode(Where where, String meaning, String always) {
    this(where, meaning, always, "");
  }

  FlagCode(Where where, String meaning, String always, String sometimes) {
    this.where = where;
    this.meaning = meaning;
    this.always = always;
    this.sometimes = sometimes;
  }

  private static Set<String> words(String text) {
    return text.isEmpty() ? Set.of() : Set.copyOf(List.of(text.split(" ", -1)));
  }

  /** The word in results. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Where it may occur. */
  public Where where() {
    return where;
  }

  /** What it says, for people. */
  public String meaning() {
    return meaning;
  }

  /** Names of the numbers and texts that always stand in its evidence. */
  public Set<String> always() {
    return words(always);
  }

  /** Names of those that may stand in it. */
  public Set<String> sometimes() {
    return words(sometimes);
  }

  /** Whether evidence has all that it must have, and nothing unheard of. */
  public boolean admits(Set<String> names) {
    Set<String> known = new HashSet<>(always());
    known.addAll(sometimes());
    return names.containsAll(always()) && known.containsAll(names);
  }
}
