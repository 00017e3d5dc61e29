package org.gems.typer.evidence;

import java.io.IOException;
import java.util.List;
import org.gems.typer.BadInputException;
import org.gems.typer.reads.PairReader;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Streams a sample's pairs through a router. */
public final class EvidenceCollector {
  private static final int SURE_QUALITY = 40;

  private EvidenceCollector() {}

  /**
   * Reads a sample to its end.
   *
   * @throws IOException where a file cannot be closed
   * @throws org.gems.typer.BadInputException where a file is not as it must be
   */
  public static SampleEvidence collect(Catalog catalog, Ruleset ruleset, Sample sample)
      throws IOException {
    SampleEvidence evidence = new SampleEvidence(catalog);
    PairRouter router = new PairRouter(catalog, ruleset, evidence);
    try (PairReader reader = new PairReader(sample.r1(), sample.r2())) {
      while (reader.next()) {
        evidence.countPair();
        router.first().load(reader.first());
        router.second().load(reader.second());
        router.route();
      }
    }
    requirePrimers(evidence, ruleset, sample);
    return evidence;
  }

  /** Routes pairs that were made, every base of them sure. */
  public static SampleEvidence collect(Catalog catalog, Ruleset ruleset, List<MadePair> pairs) {
    SampleEvidence evidence = new SampleEvidence(catalog);
    PairRouter router = new PairRouter(catalog, ruleset, evidence);
    for (MadePair pair : pairs) {
      evidence.countPair();
      router.first().load(pair.first(), SURE_QUALITY);
      router.second().load(pair.second(), SURE_QUALITY);
      router.route();
    }
    return evidence;
  }

  /** Reads of another kit, or without their primers, would else be told as genes without reads. */
  private static void requirePrimers(SampleEvidence evidence, Ruleset ruleset, Sample sample) {
    int opened = evidence.pairs();
    for (Filter filter :
        List.of(Filter.NO_PRIMER, Filter.ONE_PRIMER, Filter.PRIMER_PAIR_MISMATCH)) {
      opened -= evidence.lost(filter);
    }
    double share = ruleset.get(Threshold.SAMPLE_MINIMUM_PRIMER_SHARE);
    if (opened < share * evidence.pairs()) {
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
