package org.gems.typer.evidence;

import org.gems.typer.evidence.NearestSequences.Slice;
import org.gems.typer.reads.QualityModel;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/** How much of a pair its best sequence may leave unexplained. */
final class Tolerance {
  private final QualityModel qualities;
  private final double margin;
  private final double deviations;

  /** A tolerance of the ruleset's. */
  Tolerance(Ruleset ruleset) {
    qualities = QualityModel.of(ruleset);
    margin = ruleset.get(Threshold.EXPLAINED_MARGIN_LN);
    deviations = ruleset.get(Threshold.EXPLAINED_DEVIATIONS);
  }

  /**
   * Whether a sequence's mismatches are about what the qualities promise. Bases past the end of a
   * short amplicon are no mismatches.
   *
   * @param left the read from the forward primer on
   * @param right the read from the reverse primer on
   * @param bp bases of the sequence
   * @param loss of the pair against it, in thousandths
   */
  boolean isExplained(Slice left, Slice right, int bp, int loss) {
    if (loss <= QualityModel.LOSS_SCALE * margin) {
      return true;
    }
    double mean = 0;
    double variance = 0;
    for (Slice read : new Slice[] {left, right}) {
      for (int i = 0; i < read.length(); i++) {
        int quality = PackedRead.quality(read.data()[read.start() + i]);
        if (i < bp) {
          double rate = qualities.errorRate(quality);
          double penalty = qualities.penalty(quality);
          mean += rate * penalty;
          variance += rate * (1 - rate) * penalty * penalty;
        } else {
          mean += qualities.penaltyBeyond(quality);
        }
      }
    }
    return loss <= QualityModel.LOSS_SCALE * (mean + deviations * Math.sqrt(variance) + margin);
  }
}
