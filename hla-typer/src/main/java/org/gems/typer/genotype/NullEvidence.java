package org.gems.typer.genotype;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.gems.typer.library.LocusTable;

/**
 * Whether reads lie over the bases that make a null allele one: those in which it differs from the
 * expressed allele most like it. Without them nothing speaks for the null and not for that one.
 */
final class NullEvidence {
  private final LocusModel model;
  private final LocusTable table;
  private final Map<Integer, Boolean> known = new HashMap<>();

  NullEvidence(LocusModel model) {
    this.model = model;
    this.table = model.table();
  }

  /** Whether a class has an expressed allele, or reads lie over what makes its null one. */
  boolean isSeen(AlleleClass allele) {
    int first = allele.representative();
    return !model.entry(first).name().isNull() || known.computeIfAbsent(first, this::isRead);
  }

  private boolean isRead(int nullAllele) {
    return definingColumns(nullAllele).stream()
        .anyMatch(column -> model.evidence().isRead(nullAllele, column));
  }

  /** Columns of the gene in which a null differs from its nearest expressed allele. */
  private List<Integer> definingColumns(int nullAllele) {
    List<Integer> fewest = List.of();
    for (int other = 0; other < table.alleles().size(); other++) {
      boolean isExpressed = !model.entry(other).name().isNull();
      if (isExpressed) {
        int most = fewest.isEmpty() ? Integer.MAX_VALUE : fewest.size();
        List<Integer> found = differences(nullAllele, other, most);
        fewest = found.isEmpty() || found.size() >= most ? fewest : found;
      }
    }
    return fewest;
  }

  /** Columns that both alleles state and in which they differ; at most so many. */
  private List<Integer> differences(int one, int two, int most) {
    List<Integer> found = new ArrayList<>();
    for (int f = 0; f < table.features().size() && found.size() < most; f++) {
      byte[] first = table.row(f, one);
      byte[] second = table.row(f, two);
      for (int c = 0; first != second && c < first.length && found.size() < most; c++) {
        boolean stated = first[c] != '*' && second[c] != '*';
        if (stated && first[c] != second[c]) {
          found.add(table.firstColumn(f) + c);
        }
      }
    }
    return found;
  }
}
