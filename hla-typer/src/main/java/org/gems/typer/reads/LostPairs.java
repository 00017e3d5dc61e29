package org.gems.typer.reads;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.gems.typer.flags.Flag;
import org.gems.typer.flags.FlagCode;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** Says of a sample that most of its pairs were lost, and where. */
public final class LostPairs {
  private LostPairs() {}

  /**
   * The flag of a sample.
   *
   * @param pairs those that should have been of use
   * @param losses of them
   * @param repair what a person may look at
   */
  public static Optional<Flag> flag(
      Ruleset ruleset, int pairs, List<ReadCounts.Loss> losses, String repair) {
    int lost = losses.stream().mapToInt(ReadCounts.Loss::pairs).sum();
    double share = (double) lost / Math.max(1, pairs);
    double most = ruleset.get(Threshold.SAMPLE_LOST_SHARE);
    if (share < most || pairs < ruleset.count(Threshold.LOCUS_MINIMUM_PAIRS)) {
      return Optional.empty();
    }
    ReadCounts.Loss first =
        losses.stream().max(Comparator.comparingInt(ReadCounts.Loss::pairs)).orElseThrow();
    return Optional.of(
        Flag.of(
            FlagCode.MOST_PAIRS_LOST,
            "%d of %d pairs of the sample were lost, %d because %s. %s"
                .formatted(lost, pairs, first.pairs(), first.meaning(), repair),
            "pairs",
            pairs,
            "lost",
            lost,
            "share",
            share,
            "filter",
            first.filter(),
            "threshold",
            most));
  }
}
