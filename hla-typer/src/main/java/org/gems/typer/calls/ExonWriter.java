package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.calls.Drawing.ExonBases;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.library.LocusTable;

/**
 * Writes an allele's exons as far as the sample's reads show them. Nothing is filled in: a base
 * that the release does not state, or that lies under primers only, is {@code ?}.
 */
final class ExonWriter {
  /** A base that less than half a pair shows is one that no pair shows. */
  private static final double SHOWN_PAIRS = 0.5;

  private ExonWriter() {}

  /**
   * The exons of one called allele of which any base is known.
   *
   * @param regions at least one
   */
  static List<ExonBases> write(LocusTable table, List<RegionReads> regions, int side) {
    int allele = regions.get(0).sides().get(side).allele();
    List<ExonBases> exons = new ArrayList<>();
    shownColumns(regions, side)
        .forEach(
            (feature, columns) -> {
              LocusTable.Feature own = table.features().get(feature);
              String bases = bases(table.row(feature, allele), columns);
              if (own.isExon() && !bases.chars().allMatch(c -> c == '?')) {
                exons.add(
                    new ExonBases(table.alleles().get(allele).name().text(), own.name(), bases));
              }
            });
    return exons;
  }

  private static Map<Integer, BitSet> shownColumns(List<RegionReads> regions, int side) {
    Map<Integer, BitSet> columns = new TreeMap<>();
    for (RegionReads region : regions) {
      Places places = region.sides().get(side);
      for (int i = 0; i < places.size(); i++) {
        if (region.depth()[side][i] >= SHOWN_PAIRS) {
          Place place = places.places().get(i);
          columns.computeIfAbsent(place.feature(), f -> new BitSet()).set(place.column());
        }
      }
    }
    return columns;
  }

  private static String bases(byte[] row, BitSet shown) {
    StringBuilder text = new StringBuilder();
    for (int column = 0; column < row.length; column++) {
      if (row[column] != '.') {
        text.append(shown.get(column) && row[column] != '*' ? (char) row[column] : '?');
      }
    }
    return text.toString();
  }
}
