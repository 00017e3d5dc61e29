package org.gems.typer.calls;

import java.util.List;
import org.gems.typer.genotype.Places;
import org.gems.typer.genotype.Region;

/**
 * What pairs show of the called alleles in one region.
 *
 * @param sides each called allele's bases
 * @param depth expected pairs over each base, by side
 * @param pairs expected pairs that show any base, by side
 * @param pileup the strong bases of pairs that nothing explains better than a called allele
 * @param everything the strong bases of all pairs, each with the called allele that it is more like
 * @param layer the pairs that are counted over it
 */
public record RegionReads(
    Region region,
    List<Places> sides,
    double[][] depth,
    double[] pairs,
    Pileup pileup,
    Pileup everything,
    ReadLayer layer) {
  /** The region's name in results. */
  public String name() {
    return region.name();
  }

  /** Mean of a side's depth. */
  public double meanDepth(int side) {
    double sum = 0;
    for (double value : depth[side]) {
      sum += value;
    }
    return depth[side].length == 0 ? 0 : sum / depth[side].length;
  }

  /** Least of a side's depth. */
  public double leastDepth(int side) {
    double least = depth[side].length == 0 ? 0 : Double.MAX_VALUE;
    for (double value : depth[side]) {
      least = Math.min(least, value);
    }
    return least;
  }

  /** Whether a called allele has a base in a column. */
  boolean isCalled(int column, int base) {
    return sides.stream().anyMatch(places -> places.has(column, base));
  }

  /** Whether a called allele has a base in a column, or the release does not state what it has. */
  boolean mayHave(int column, int base) {
    return isCalled(column, base) || sides.stream().anyMatch(places -> places.isOpen(column));
  }

  /** Bases of a side that the release leaves open. */
  int unknownBp(int side) {
    return (int) sides.get(side).places().stream().filter(place -> place.symbol() == '*').count();
  }
}
