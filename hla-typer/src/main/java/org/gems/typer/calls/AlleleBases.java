package org.gems.typer.calls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.library.LocusTable;

/**
 * The bases of one allele along a gene, and what reads have more or less than these. Where equal
 * bases leave a gap several places it is told in the last of them.
 */
final class AlleleBases {
  private static final byte OPEN = '*';
  private static final byte GAP = LaidRead.GAP;

  /** Bases at either end of an intron that the message is cut by. */
  private static final int SITE_BP = 2;

  private final LocusTable table;
  private final byte[] symbols;
  private final int[] ordinals;
  private final int[] columns;
  private final int[] features;
  private final int count;

  /** The bases of an allele, open ones as such. */
  AlleleBases(LocusTable table, int allele) {
    this.table = table;
    this.symbols = new byte[table.columns()];
    this.ordinals = new int[table.columns() + 1];
    this.columns = new int[table.columns()];
    this.features = new int[table.columns()];
    int bases = 0;
    for (int f = 0; f < table.features().size(); f++) {
      byte[] row = table.row(f, allele);
      for (int c = 0; c < row.length; c++) {
        int column = table.firstColumn(f) + c;
        symbols[column] = row[c];
        ordinals[column] = bases;
        if (row[c] != GAP) {
          columns[bases] = column;
          features[bases++] = f;
        }
      }
    }
    ordinals[table.columns()] = bases;
    count = bases;
  }

  /**
   * Bases that a read has more or less.
   *
   * @param at of the allele's bases the first one that is missing, or that follows inserted ones
   * @param missing how many
   * @param inserted letters
   */
  record Gap(int at, int missing, String inserted) {}

  /** What of a read does not stand base by base on the allele. */
  List<Gap> gaps(LaidRead read) {
    List<Gap> found = new ArrayList<>();
    StringBuilder inserted = new StringBuilder();
    int missing = 0;
    int next = 0;
    for (int i = 0; i < read.size(); i++) {
      byte own = symbols[read.column(i)];
      byte shown = read.symbol(i);
      if (own != GAP && shown != GAP) {
        add(found, ordinals[read.column(i)], missing, inserted);
        missing = 0;
        inserted.setLength(0);
      } else if (own != GAP) {
        missing++;
      } else if (shown != GAP) {
        inserted.append((char) shown);
      }
      while (next < read.inserted().size() && read.inserted().get(next).after() == read.column(i)) {
        for (byte base : read.inserted().get(next++).bases()) {
          inserted.append((char) base);
        }
      }
    }
    return found;
  }

  /**
   * Notes a gap that ends before one of the allele's bases; one that undoes the last one is none.
   */
  private void add(List<Gap> found, int end, int missing, StringBuilder inserted) {
    if (missing == 0 && inserted.length() == 0) {
      return;
    }
    Optional<Gap> gap = trimmed(end - missing, missing, inserted.toString()).map(this::last);
    if (gap.isPresent()) {
      boolean isUndone = !found.isEmpty() && undo(found.get(found.size() - 1), gap.get());
      if (isUndone) {
        found.remove(found.size() - 1);
      } else {
        found.add(gap.get());
      }
    }
  }

  private boolean undo(Gap one, Gap two) {
    return text(one).equals(two.inserted())
        && text(two).equals(one.inserted())
        && one.at() + one.missing() >= two.at() - one.inserted().length();
  }

  /** Without the bases that stand on either side of both; empty where nothing is left. */
  private Optional<Gap> trimmed(int at, int missing, String inserted) {
    int start = 0;
    int shortest = Math.min(missing, inserted.length());
    while (start < shortest && base(at + start) == inserted.charAt(start)) {
      start++;
    }
    int end = 0;
    while (end < shortest - start
        && base(at + missing - 1 - end) == inserted.charAt(inserted.length() - 1 - end)) {
      end++;
    }
    Gap left =
        new Gap(
            at + start, missing - start - end, inserted.substring(start, inserted.length() - end));
    boolean isNothing = left.missing() == 0 && left.inserted().isEmpty();
    return isNothing ? Optional.empty() : Optional.of(left);
  }

  /** In the last place that equal bases of the same feature allow. */
  private Gap last(Gap gap) {
    Gap found = gap;
    while (found.inserted().isEmpty() && isSame(found.at(), found.at() + found.missing())) {
      found = new Gap(found.at() + 1, found.missing(), "");
    }
    while (found.missing() == 0 && isSame(found.at(), found.inserted().charAt(0))) {
      String turned = found.inserted().substring(1) + found.inserted().charAt(0);
      found = new Gap(found.at() + 1, 0, turned);
    }
    return found;
  }

  private boolean isSame(int at, int other) {
    return other < count && features[at] == features[other] && base(at) == base(other);
  }

  private boolean isSame(int at, char inserted) {
    boolean isInside = at + 1 < count && features[at] == features[at + 1];
    return isInside && base(at) == inserted;
  }

  private byte base(int at) {
    return symbols[columns[at]];
  }

  /** Letters of the allele that a gap takes away. */
  String text(Gap gap) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < gap.missing(); i++) {
      text.append((char) base(gap.at() + i));
    }
    return text.toString();
  }

  /** Whether the release leaves a base open that a gap takes away or lies beside. */
  boolean isOpen(Gap gap) {
    int from = Math.max(0, gap.at() - 1);
    int to = Math.min(count, gap.at() + gap.missing() + 1);
    return Arrays.stream(columns, from, to).anyMatch(column -> symbols[column] == OPEN);
  }

  /**
   * Whether a gap lies in an exon. Bases beside an exon whose intron the release does not state may
   * be that intron's.
   */
  boolean isOfExon(Gap gap) {
    int feature = feature(gap);
    int first = ordinals[table.firstColumn(feature)];
    int end = first;
    while (end < count && features[end] == feature) {
      end++;
    }
    boolean isBeforeFirst = gap.missing() == 0 && firstPlace(gap) <= first;
    boolean isBehindLast = gap.missing() == 0 && gap.at() >= end - 1;
    return table.features().get(feature).isExon()
        && !(isBeforeFirst && isUnstated(feature - 1))
        && !(isBehindLast && isUnstated(feature + 1));
  }

  /** Whether a gap takes away, or stands between, the first or last two bases of an intron. */
  boolean isAtSpliceSite(Gap gap) {
    for (int i = gap.at(); i < Math.min(count, gap.at() + gap.missing()); i++) {
      if (isSpliceBase(i)) {
        return true;
      }
    }
    boolean isBetween =
        gap.missing() == 0
            && gap.at() > 0
            && gap.at() < count
            && features[gap.at() - 1] == features[gap.at()];
    return isBetween && isSpliceBase(gap.at() - 1) && isSpliceBase(gap.at());
  }

  private boolean isSpliceBase(int at) {
    int feature = features[at];
    boolean isFirst = at < SITE_BP || features[at - SITE_BP] != feature;
    boolean isLast = at + SITE_BP >= count || features[at + SITE_BP] != feature;
    boolean isIntron = table.features().get(feature).name().startsWith("intron");
    return isIntron && (isFirst || isLast);
  }

  private boolean isUnstated(int feature) {
    boolean isThere = feature >= 0 && feature < table.features().size();
    return isThere && table.row(feature, 0).length == 0;
  }

  /** The first place that equal bases allow inserted ones. */
  private int firstPlace(Gap gap) {
    int at = gap.at();
    int size = gap.inserted().length();
    int last = size - 1;
    while (at > 0 && base(at - 1) == gap.inserted().charAt(last)) {
      at--;
      last = (last + size - 1) % size;
    }
    return at;
  }

  private int feature(Gap gap) {
    return features[Math.min(gap.at(), count - 1)];
  }

  /** The columns of the bases that stand before a gap and behind it. */
  record Ends(int before, int behind) {}

  /** Between which columns a gap lies. */
  Ends ends(Gap gap) {
    return new Ends(
        columns[Math.max(0, gap.at() - 1)], columns[Math.min(count - 1, gap.at() + gap.missing())]);
  }

  /** As a change of the allele. */
  Change change(Gap gap) {
    int feature = feature(gap);
    int first = ordinals[table.firstColumn(feature)];
    return new Change(
        table.features().get(feature).name(),
        Math.min(gap.at(), count - 1) - first + 1,
        gap.missing() == 0 ? Change.NOTHING : text(gap),
        gap.inserted().isEmpty() ? Change.NOTHING : gap.inserted());
  }

  /** The feature of a gap, changed by it. */
  String changed(Gap gap) {
    int feature = feature(gap);
    StringBuilder text = new StringBuilder();
    int first = ordinals[table.firstColumn(feature)];
    int end = ordinals[table.firstColumn(feature) + table.row(feature, 0).length];
    for (int i = first; i < end; i++) {
      text.append(i == gap.at() ? gap.inserted() : "");
      boolean isMissing = i >= gap.at() && i < gap.at() + gap.missing();
      text.append(isMissing ? "" : String.valueOf((char) base(i)));
    }
    return text.toString();
  }
}
