package org.gems.typer.shotgun;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.Look;

/**
 * What a read costs rows of a feature that have different numbers of bases under it. Columns do not
 * tell: a read that ends inside a repeat fits every length of it, and one that was laid along a row
 * of another length is not where it belongs. So its bases are laid along each row itself: from the
 * read's first base on, from its last base back, or both with one gap between.
 */
final class LengthCosts {
  private static final byte OPEN = '*';

  private final FeatureTable table;
  private final int firstColumn;
  private final Map<Long, Bases> bases = new HashMap<>();

  /** What the loaded part costs the looks that were asked for. */
  private final Map<Long, Integer> known = new HashMap<>();

  private byte[] read = new byte[256];
  private int[] losses = new int[256];
  private int[] behind = new int[256];
  private int size;
  private int firstOfRead;
  private int lastOfRead;

  LengthCosts(Gene gene, int feature) {
    table = gene.features().get(feature);
    firstColumn = gene.firstColumn(feature);
  }

  /**
   * A row without its gaps.
   *
   * @param before of each column, and behind the last one, the number of bases before it
   */
  private record Bases(byte[] symbols, int[] before) {
    static Bases of(byte[] row, byte[] lent) {
      byte[] symbols = new byte[row.length];
      int[] before = new int[row.length + 1];
      int size = 0;
      for (int c = 0; c < row.length; c++) {
        before[c] = size;
        byte symbol = row[c] == OPEN ? lent[c] : row[c];
        if (symbol != LaidRead.GAP) {
          symbols[size++] = symbol;
        }
      }
      before[row.length] = size;
      return new Bases(Arrays.copyOf(symbols, size), before);
    }
  }

  /**
   * Takes the part of a read that lies in the feature.
   *
   * @return whether any base does
   */
  boolean load(Alignment alignment) {
    int from = alignment.firstFrom(firstColumn);
    int to = alignment.firstFrom(firstColumn + table.columns());
    size = 0;
    known.clear();
    for (int i = from; i < to; i++) {
      int column = alignment.column(i) - firstColumn;
      if (alignment.symbol(i) != LaidRead.GAP) {
        firstOfRead = size == 0 ? column : firstOfRead;
        lastOfRead = column;
        add(alignment.symbol(i), alignment.loss(i));
      }
      for (LaidRead.Inserted inserted : alignment.inserted()) {
        if (inserted.after() == alignment.column(i) && i + 1 < to && size > 0) {
          for (byte base : inserted.bases()) {
            add(base, alignment.loss(i));
          }
        }
      }
    }
    return size > 0;
  }

  private void add(byte base, int loss) {
    if (size + 1 >= read.length) {
      read = Arrays.copyOf(read, 2 * size + 2);
      losses = Arrays.copyOf(losses, 2 * size + 2);
      behind = Arrays.copyOf(behind, 2 * size + 2);
    }
    read[size] = base;
    losses[size] = loss;
    size++;
  }

  /** The least that the loaded part costs along a look, in thousandths of a natural logarithm. */
  int cost(Look look) {
    int row = table.rowOf(look.allele());
    int lent = table.rowOf(look.donor());
    return known.computeIfAbsent(
        (long) row << Integer.SIZE | lent,
        key -> cost(bases.computeIfAbsent(key, r -> Bases.of(table.row(row), table.row(lent)))));
  }

  private int cost(Bases along) {
    int before = along.before[firstOfRead];
    // Where the row has a gap under the last base, that base belongs to the one before the gap.
    int after = along.before[lastOfRead + 1] - size;
    behind[size] = 0;
    for (int i = size - 1; i >= 0; i--) {
      behind[i] = behind[i + 1] + cost(along, i, after);
    }
    int longer = Math.max(0, after - before);
    int shorter = Math.max(0, before - after);
    int gap = GapFinder.cost(longer + shorter);
    int ahead = 0;
    int least = behind[0];
    for (int i = 0; i < size; i++) {
      if (i + shorter <= size) {
        least = Math.min(least, ahead + gap + behind[i + shorter]);
      }
      ahead += cost(along, i, before);
    }
    return Math.min(least, ahead);
  }

  /** What one base costs where a row's bases are counted from a place on. */
  private int cost(Bases along, int i, int shift) {
    int at = i + shift;
    if (at < 0 || at >= along.symbols.length) {
      return losses[i];
    }
    return along.symbols[at] == read[i] ? 0 : losses[i];
  }
}
