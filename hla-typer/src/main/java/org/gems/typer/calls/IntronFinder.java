package org.gems.typer.calls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.gems.typer.Bases;
import org.gems.typer.genotype.AlleleClass;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.genotype.LocusResult;
import org.gems.typer.genotype.Place;
import org.gems.typer.genotype.Places;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.gems.typer.ruleset.Threshold;

/**
 * Looks for single bases of introns and untranslated ends that many pairs show and no called allele
 * has, where the release states both. Introns repeat themselves and differ in length, so a pair
 * counts only where all its other bases are as the allele's.
 */
final class IntronFinder {
  /** So many bases on either side are the allele's own: more than the ends of exons and primers. */
  private static final int BESIDE_BP = 15;

  /** Of the words of three bases around a base so many differ at least; in a repeat they do not. */
  private static final int LEAST_WORDS = 14;

  private static final int WORD_BP = 3;
  private static final double HALF = 0.5;

  private final int minimumPairs;
  private final int strong;
  private final double shareOfAllele;
  private final double shareOfAll;

  /** A finder with the ruleset's thresholds. */
  IntronFinder(Ruleset ruleset) {
    minimumPairs = ruleset.count(Threshold.UNEXPLAINED_MINIMUM_PAIRS);
    strong = ruleset.count(Threshold.STRONG_BASE_QUALITY);
    shareOfAllele = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_ALLELE);
    shareOfAll = ruleset.get(Threshold.NEW_ALLELE_SHARE_OF_AMPLICON);
  }

  /** The called alleles' symbols along the gene. */
  private record Sides(LocusTable table, List<byte[]> symbols) {
    static Sides of(LocusResult result) {
      LocusTable table = result.model().table();
      List<byte[]> all = new ArrayList<>();
      for (AlleleClass side : result.called().classes()) {
        byte[] symbols = new byte[table.columns()];
        for (int f = 0; f < table.features().size(); f++) {
          byte[] row = table.row(f, side.representative());
          System.arraycopy(row, 0, symbols, table.firstColumn(f), row.length);
        }
        all.add(symbols);
      }
      return new Sides(table, all);
    }

    /** Whether both alleles have a stated base or gap in a column, and neither has this one. */
    boolean isOfNone(int column, byte base) {
      return symbols.stream().allMatch(s -> s[column] != '*' && s[column] != base);
    }

    /** For each of a read's columns how many before it are not as an allele's, or not next. */
    int[] oddBefore(LaidRead read, int side) {
      byte[] own = symbols.get(side);
      int[] odd = new int[read.size() + 1];
      int inserted = 0;
      for (int i = 0; i < read.size(); i++) {
        int column = read.column(i);
        boolean isNext = i == 0 || column == read.column(i - 1) + 1;
        boolean isAfterInserted = false;
        while (inserted < read.inserted().size()
            && read.inserted().get(inserted).after() < column) {
          inserted++;
          isAfterInserted = true;
        }
        boolean isOdd = read.symbol(i) != own[column] || !isNext || isAfterInserted;
        odd[i + 1] = odd[i] + (isOdd ? 1 : 0);
      }
      return odd;
    }
  }

  /** Pairs by base of a column: those of the first called allele, and of the second. */
  private static final class Seen {
    private final double[][] pairs = new double[Pileup.BASES][2];

    void add(byte base, double first) {
      pairs[base][0] += first;
      pairs[base][1] += 1 - first;
    }

    double of(int base, int side) {
      return pairs[base][side];
    }

    double all(int base) {
      return pairs[base][0] + pairs[base][1];
    }

    double all() {
      double all = 0;
      for (int base = 0; base < pairs.length; base++) {
        all += all(base);
      }
      return all;
    }

    double ofSide(int side) {
      double all = 0;
      for (double[] ofBase : pairs) {
        all += ofBase[side];
      }
      return all;
    }
  }

  /**
   * The changed bases of the called alleles, each a variant; none where no introns were weighed.
   */
  List<Variant> find(LocusResult result) {
    List<Variant> found = new ArrayList<>();
    if (result.model().stretches() == 0) {
      return found;
    }
    Sides sides = Sides.of(result);
    Seen[] columns = new Seen[sides.table().columns()];
    for (Attribution stretch : Attribution.ofStretches(result)) {
      for (int p = 0; p < stretch.target().pairs(); p++) {
        double first = stretch.fromFirst(p);
        int side = first >= HALF ? 0 : 1;
        count(stretch.target().laid(p), sides, side, first, columns);
      }
    }
    for (int column = 0; column < columns.length; column++) {
      if (columns[column] != null) {
        look(result, sides, column, columns[column], found);
      }
    }
    return found;
  }

  /** A pair with more than one base unlike its allele's is another gene's, or lies elsewhere. */
  private void count(List<LaidRead> pair, Sides sides, int side, double first, Seen[] columns) {
    Set<Integer> odd = new HashSet<>();
    for (LaidRead read : pair) {
      for (int i = 0; i < read.size(); i++) {
        byte own = sides.symbols().get(side)[read.column(i)];
        boolean isOdd = own != '*' && own != read.symbol(i) && read.quality(i) >= strong;
        if (isOdd) {
          odd.add(read.column(i));
        }
      }
    }
    for (LaidRead read : pair) {
      int[] before = sides.oddBefore(read, side);
      for (int i = BESIDE_BP; i < read.size() - BESIDE_BP; i++) {
        int beside = before[i] - before[i - BESIDE_BP];
        boolean isLike = beside == 0 && before[i + BESIDE_BP + 1] == before[i + 1];
        byte base = Bases.code(read.symbol(i));
        boolean isTold = base < Pileup.BASES && read.quality(i) >= strong;
        boolean isAlone = odd.size() <= 1 || !odd.contains(read.column(i));
        if (isLike && isTold && isAlone) {
          Seen seen = columns[read.column(i)];
          seen = seen == null ? new Seen() : seen;
          columns[read.column(i)] = seen;
          seen.add(base, first);
        }
      }
    }
  }

  private void look(LocusResult result, Sides sides, int column, Seen seen, List<Variant> found) {
    LocusTable table = sides.table();
    int feature = table.featureAt(column);
    for (int base = 0; base < Pileup.BASES; base++) {
      boolean isMany = seen.all(base) >= minimumPairs && !table.features().get(feature).isExon();
      if (isMany && sides.isOfNone(column, (byte) "ACGT".charAt(base))) {
        int side = seen.of(base, 0) >= HALF * seen.all(base) ? 0 : 1;
        boolean isOfAllele = seen.of(base, side) >= shareOfAllele * seen.ofSide(side);
        boolean isOfAll = seen.all(base) >= shareOfAll * seen.all();
        byte[] own = sides.symbols().get(Math.min(side, sides.symbols().size() - 1));
        boolean isBase = Bases.code(own[column]) < Pileup.BASES;
        if ((isOfAllele || isOfAll) && isBase && isTelling(own, column)) {
          found.add(variant(result, side, column, base, seen));
        }
      }
    }
  }

  /** Whether the allele's bases around a column do not repeat themselves. */
  private static boolean isTelling(byte[] symbols, int column) {
    Set<String> words = new HashSet<>();
    for (int c = column - BESIDE_BP; c <= column + BESIDE_BP - WORD_BP; c++) {
      words.add(new String(symbols, c, WORD_BP, StandardCharsets.US_ASCII));
    }
    return words.size() >= LEAST_WORDS;
  }

  private static Variant variant(LocusResult result, int side, int column, int base, Seen seen) {
    LocusTable table = result.model().table();
    int allele = result.called().classes().get(side).representative();
    int feature = table.featureAt(column);
    Places places = Places.ofFeature(table, allele, feature, table.row(feature, allele));
    byte[] changed = places.bases().clone();
    int changedAt = places.indexOf(column);
    changed[changedAt] = (byte) base;
    Place at = places.places().get(changedAt);
    String name = table.features().get(feature).name();
    String fresh = String.valueOf("ACGT".charAt(base));
    return new Variant(
        result.gene(),
        name,
        result.model().entry(allele).name().text(),
        List.of(new Change(name, at.position(), String.valueOf(at.symbol()), fresh)),
        (int) Math.round(seen.all(base)),
        seen.all(base) / seen.all(),
        Bases.text(changed));
  }
}
