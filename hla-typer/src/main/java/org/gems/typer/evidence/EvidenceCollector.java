package org.gems.typer.evidence;

import java.io.IOException;
import java.util.List;
import org.gems.typer.BadInputException;
import org.gems.typer.reads.BatchRounds;
import org.gems.typer.reads.LeadingBases;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Streams a sample's pairs through routers. */
public final class EvidenceCollector {
  private static final char SURE_QUALITY = '!' + 40;

  private final Catalog catalog;
  private final Ruleset ruleset;
  private final BatchRounds<PairRouter, RoutedBatch> rounds;

  /** A collector for the samples of a run; safe for use by several threads. */
  public EvidenceCollector(Catalog catalog, Ruleset ruleset) {
    this.catalog = catalog;
    this.ruleset = ruleset;
    this.rounds = new BatchRounds<>(() -> new PairRouter(catalog, ruleset), PairRouter::route);
  }

  /**
   * Reads a sample to its end.
   *
   * @throws IOException where a file cannot be closed
   * @throws BadInputException where a file is not as it must be
   */
  public SampleEvidence collect(Sample sample) throws IOException {
    sample.r2(); // says at once what is wrong with a sample of single reads
    LeadingBases leading = new LeadingBasesFinder(catalog.rows(), ruleset).find(sample);
    SampleEvidence evidence = new SampleEvidence(catalog, ruleset, leading);
    evidence.readFrom(rounds.forEach(sample, leading, batch -> batch.addTo(evidence)));
    evidence.settle();
    requirePrimers(evidence, ruleset, sample);
    return evidence;
  }

  /** Routes pairs that were made, every base of them sure. */
  public SampleEvidence collect(List<MadePair> pairs) {
    SampleEvidence evidence = new SampleEvidence(catalog, ruleset, LeadingBases.NONE);
    for (int from = 0; from < pairs.size(); from += ReadBatch.CAPACITY) {
      ReadBatch batch = new ReadBatch();
      for (MadePair pair : pairs.subList(from, Math.min(pairs.size(), from + ReadBatch.CAPACITY))) {
        batch.addFragment(pair.first(), pair.second(), (byte) SURE_QUALITY);
      }
      rounds.apply(batch).addTo(evidence);
    }
    evidence.settle();
    return evidence;
  }

  /**
   * Reads of another kit, or without their primers, would else be told as genes without reads.
   * Where a gene has enough pairs, the rest may be of another kit that was sequenced with it.
   */
  private static void requirePrimers(SampleEvidence evidence, Ruleset ruleset, Sample sample) {
    int opened = evidence.pairs();
    for (Filter filter :
        List.of(Filter.NO_PRIMER, Filter.ONE_PRIMER, Filter.PRIMER_PAIR_MISMATCH)) {
      opened -= evidence.lost(filter);
    }
    double share = ruleset.get(Threshold.SAMPLE_MINIMUM_PRIMER_SHARE);
    int least = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
    if (opened < share * evidence.pairs() && evidence.mostPairsOfAGene() < least) {
      throw new BadInputException(
          sample.r1().toString(),
          0,
          "pairs that begin with the panel's primers, at least %s%%".formatted(100 * share),
          "%d of %d".formatted(opened, evidence.pairs()),
          "check that the panel is the kit's and that no primers were trimmed; "
              + "reads of no panel are typed with --panel none");
    }
  }
}
