package org.gems.typer.evidence;

import java.io.IOException;
import org.gems.typer.reads.PairReader;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;

/** Streams a sample's pairs through a router. */
public final class EvidenceCollector {
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
    return evidence;
  }
}
