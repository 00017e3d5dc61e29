package org.gems.typer.haplotype;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.gems.typer.Bases;
import org.gems.typer.haplotype.LocatedAmplicon.Cut;
import org.gems.typer.haplotype.LocatedAmplicon.Span;
import org.gems.typer.library.LocusTable;
import org.gems.typer.panel.PanelRow;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Finds an amplicon in the alignment columns of a locus. The panel counts bases of the reference
 * allele; releases differ in how much of it they carry, so the primers are looked for around the
 * place that the panel names, and the panel's own offset holds where they are not found.
 */
public final class AmpliconLocator {
  private final int window;
  private final int maximumMismatches;

  /** A locator with the ruleset's search window. */
  public AmpliconLocator(Ruleset ruleset) {
    this.window = ruleset.count(Threshold.PRIMER_SEARCH_WINDOW_BP);
    this.maximumMismatches = ruleset.count(Threshold.PRIMER_SEARCH_MISMATCHES);
  }

  /**
   * Looks an amplicon up.
   *
   * @return empty where the locus lacks the feature of either end
   */
  public Optional<LocatedAmplicon> locate(LocusTable table, PanelRow row) {
    Reference reference = new Reference(table, row.countedOn());
    int start = reference.position(row.start());
    int end = reference.position(row.end());
    byte[] forward = Bases.sets(row.forwardPrimer());
    byte[] reverse = Bases.reverseComplementOfSets(Bases.sets(row.reversePrimer()));
    if (start < 0 || end < 0) {
      return Optional.empty();
    }
    int first = settle(reference, forward, start);
    int last = settle(reference, reverse, end - reverse.length) + reverse.length;
    boolean inside =
        first >= 0 && last <= reference.length() && last - first > forward.length + reverse.length;
    if (!inside) {
      return Optional.empty();
    }
    Cut ownStart = cut(row.start().offset(), first - start + forward.length);
    Cut ownEnd = cut(row.end().offset(), last - end - reverse.length);
    return Optional.of(
        reference.amplicon(first, last, forward.length, reverse.length, ownStart, ownEnd));
  }

  /** Whether both primers lie near the places that the panel names. */
  public boolean findsPrimers(LocusTable table, PanelRow row) {
    Reference reference = new Reference(table, row.countedOn());
    byte[] forward = Bases.sets(row.forwardPrimer());
    byte[] reverse = Bases.reverseComplementOfSets(Bases.sets(row.reversePrimer()));
    int first = settle(reference, forward, reference.position(row.start()));
    int last = settle(reference, reverse, reference.position(row.end()) - reverse.length);
    return reference.mismatches(forward, first) <= maximumMismatches
        && reference.mismatches(reverse, last) <= maximumMismatches;
  }

  /** The panel's offset moved by some bases, counted from the same border of the feature. */
  private static Cut cut(int offset, int move) {
    return offset < 0 ? new Cut(true, -(offset + move)) : new Cut(false, offset + move);
  }

  /** The place nearest the expected one where the primer lies, or the expected one. */
  private int settle(Reference reference, byte[] primer, int expected) {
    int best = expected;
    int fewest = maximumMismatches + 1;
    for (int distance = 0; distance <= window; distance++) {
      for (int place : new int[] {expected - distance, expected + distance}) {
        int mismatches = reference.mismatches(primer, place);
        if (mismatches < fewest) {
          fewest = mismatches;
          best = place;
        }
      }
    }
    return best;
  }

  /** The bases of the allele that a panel counts on, each with its feature and column. */
  private static final class Reference {
    private final LocusTable table;
    private final int[] feature;
    private final int[] column;
    private final byte[] base;
    private final int[] featureStart;

    Reference(LocusTable table, String countedOn) {
      this.table = table;
      int allele = table.indexOfAllele(countedOn);
      int columns = table.features().stream().mapToInt(f -> f.referenceRow().length).sum();
      int[] features = new int[columns];
      int[] places = new int[columns];
      byte[] bases = new byte[columns];
      featureStart = new int[table.features().size() + 1];
      int count = 0;
      for (int f = 0; f < table.features().size(); f++) {
        byte[] row = countedRow(table, f, allele);
        featureStart[f] = count;
        for (int c = 0; c < row.length; c++) {
          if (row[c] != '.') {
            features[count] = f;
            places[count] = c;
            bases[count++] = Bases.code(row[c]);
          }
        }
      }
      featureStart[table.features().size()] = count;
      feature = java.util.Arrays.copyOf(features, count);
      column = java.util.Arrays.copyOf(places, count);
      base = java.util.Arrays.copyOf(bases, count);
    }

    /** The library's reference stands in for features that the release does not state. */
    private static byte[] countedRow(LocusTable table, int feature, int allele) {
      LocusTable.Feature found = table.features().get(feature);
      boolean stated = allele >= 0 && LocusTable.Feature.states(table.row(feature, allele));
      return stated ? table.row(feature, allele) : found.referenceRow();
    }

    int length() {
      return base.length;
    }

    int position(PanelRow.Anchor anchor) {
      int f = featureIndex(anchor.feature());
      if (f < 0 || !table.features().get(f).isStated()) {
        return -1;
      }
      int position =
          (anchor.offset() < 0 ? featureStart[f + 1] : featureStart[f]) + anchor.offset();
      return position <= base.length ? position : -1;
    }

    /** What a panel calls the intron after the last exon is the 3' UTR. */
    private int featureIndex(String name) {
      int index = table.indexOf(name);
      if (index >= 0 || !name.startsWith("intron")) {
        return index;
      }
      String number = name.substring("intron".length());
      boolean lastExon = table.indexOf("exon" + number) == table.features().size() - 2;
      return lastExon ? table.indexOf("3UTR") : -1;
    }

    int mismatches(byte[] primer, int place) {
      if (place < 0 || place + primer.length > base.length) {
        return Integer.MAX_VALUE;
      }
      int mismatches = 0;
      for (int i = 0; i < primer.length; i++) {
        mismatches += (1 << base[place + i] & primer[i]) != 0 ? 0 : 1;
      }
      return mismatches;
    }

    LocatedAmplicon amplicon(
        int first, int last, int forwardBp, int reverseBp, Cut ownStart, Cut ownEnd) {
      return new LocatedAmplicon(
          spans(first, last - 1),
          columns(spans(first, first + forwardBp - 1)),
          columns(spans(last - reverseBp, last - 1)),
          ownStart,
          ownEnd);
    }

    private static int columns(List<Span> spans) {
      return spans.stream().mapToInt(Span::columns).sum();
    }

    /** The columns from one base to another, both included. */
    private List<Span> spans(int from, int to) {
      List<Span> spans = new ArrayList<>();
      for (int f = feature[from]; f <= feature[to]; f++) {
        int columns = table.features().get(f).referenceRow().length;
        int begin = f == feature[from] ? column[from] : 0;
        int end = f == feature[to] ? column[to] + 1 : columns;
        if (begin < end) {
          spans.add(new Span(f, begin, end));
        }
      }
      return spans;
    }
  }
}
