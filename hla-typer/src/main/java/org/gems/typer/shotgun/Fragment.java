package org.gems.typer.shotgun;

import java.util.List;
import org.gems.typer.reads.QualityModel;

/** A pair of HLA's on the genes that may have made it. */
final class Fragment {
  private final long name;
  private final List<Placement> placements;
  private final double promised;

  /** What each placement loses by the alleles that the sample may have, beside the gene's best. */
  private final double[] lostByCalled;

  /**
   * A fragment.
   *
   * @param name a number made of the pair's name
   * @param placements the likeliest first; at least one
   * @param promised what mismatches cost on average, if bases are as often wrong as their qualities
   *     say, in thousandths of a natural logarithm
   */
  Fragment(long name, List<Placement> placements, double promised) {
    this.name = name;
    this.placements = List.copyOf(placements);
    this.promised = promised;
    this.lostByCalled = new double[placements.size()];
  }

  long name() {
    return name;
  }

  List<Placement> placements() {
    return placements;
  }

  double promised() {
    return promised;
  }

  Placement best() {
    return placements.get(0);
  }

  /** Whether more than one gene may have made it. */
  boolean isContested() {
    return placements.size() > 1;
  }

  /** The index of a gene's placement, or -1. */
  int indexOf(int gene) {
    for (int i = 0; i < placements.size(); i++) {
      if (placements.get(i).gene() == gene) {
        return i;
      }
    }
    return -1;
  }

  /** Notes what a placement loses by the alleles that the sample may have, a natural logarithm. */
  void lose(int placement, double loss) {
    lostByCalled[placement] = loss;
  }

  /** How likely a placement is beside the gene that fits best, before anything is called. */
  double weight(int placement) {
    double more = placements.get(placement).cost() - best().cost();
    return Math.exp(-more / QualityModel.LOSS_SCALE - lostByCalled[placement]);
  }
}
