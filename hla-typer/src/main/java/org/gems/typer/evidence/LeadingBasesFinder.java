package org.gems.typer.evidence;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.reads.FragmentReader;
import org.gems.typer.reads.LeadingBases;
import org.gems.typer.reads.PackedPrimer;
import org.gems.typer.reads.ReadBatch;
import org.gems.typer.reads.SampleSheet.Sample;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Finds how many bases stand before the primers of a sample's reads, by its first pairs. All first
 * reads have as many, and all second reads.
 */
final class LeadingBasesFinder {
  /** Batches to judge by: two thousand pairs. */
  private static final int BATCHES = 2;

  private final List<PackedPrimer> primers;
  private final int maximumMismatches;
  private final int maximumShift;
  private final int maximumBp;
  private final double minimumShare;
  private final int minimumReads;

  LeadingBasesFinder(List<PanelRow> panel, Ruleset ruleset) {
    primers =
        panel.stream()
            .flatMap(row -> Stream.of(row.forwardPrimer(), row.reversePrimer()))
            .distinct()
            .map(PackedPrimer::new)
            .toList();
    maximumMismatches = ruleset.count(Threshold.PRIMER_MAXIMUM_MISMATCHES);
    maximumShift = ruleset.count(Threshold.PRIMER_MAXIMUM_SHIFT_BP);
    maximumBp = ruleset.count(Threshold.LEADING_BASES_MAXIMUM_BP);
    minimumShare = ruleset.get(Threshold.LEADING_BASES_MINIMUM_SHARE);
    minimumReads = ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS);
  }

  /**
   * Looks at a sample's first pairs.
   *
   * @throws IOException where a file cannot be closed
   * @throws org.gems.typer.BadInputException where a file is not as it must be
   */
  LeadingBases find(Sample sample) throws IOException {
    int[][] opened = new int[2][maximumBp + 1];
    int[] reads = new int[2];
    try (FragmentReader reader = new FragmentReader(sample)) {
      for (int b = 0; b < BATCHES; b++) {
        count(reader.next(), opened, reads);
      }
    }
    return new LeadingBases(judge(opened[0], reads[0]), judge(opened[1], reads[1]));
  }

  private void count(ReadBatch batch, int[][] opened, int[] reads) {
    PackedRead read = new PackedRead();
    for (int pair = 0; pair < batch.size(); pair++) {
      for (int mate = 0; mate < 2; mate++) {
        read.load(batch, pair, mate);
        reads[mate]++;
        for (int bp = 0; bp <= Math.min(maximumBp, read.length()); bp++) {
          opened[mate][bp] += opens(read, bp) ? 1 : 0;
        }
      }
    }
  }

  private boolean opens(PackedRead read, int from) {
    for (PackedPrimer primer : primers) {
      boolean fits = from + primer.length() <= read.length();
      long bits = PackedPrimer.pack(read.packed(), read.length(), from + primer.skipped());
      if (fits && primer.mismatches(bits) <= maximumMismatches) {
        return true;
      }
    }
    return false;
  }

  /** A base or two at the start are what trimming leaves, and the matcher's matter. */
  private int judge(int[] opened, int reads) {
    int best = 0;
    for (int bp = 1; bp < opened.length; bp++) {
      best = opened[bp] > opened[best] ? bp : best;
    }
    boolean enough = reads >= minimumReads && opened[best] >= minimumShare * reads;
    return enough && best > maximumShift ? best : 0;
  }
}
