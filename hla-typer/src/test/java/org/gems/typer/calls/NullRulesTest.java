package org.gems.typer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Changes by which an allele may lose its product. */
final class NullRulesTest {
  /** ATG GCC CAT | intron | GGT TAA CCC: the stop codon begins at base 4 of exon 2. */
  private static LocusTable table() {
    List<LocusTable.Feature> features = new ArrayList<>();
    for (String feature :
        List.of(
            "5UTR CCCC",
            "exon1 ATG.GCCCAT",
            "intron1 GTAAGTTTCCAG",
            "exon2 GGTTAACCC",
            "3UTR GG")) {
      int space = feature.indexOf(' ');
      byte[] row = feature.substring(space + 1).getBytes(StandardCharsets.US_ASCII);
      features.add(
          new LocusTable.Feature(
              feature.substring(0, space), List.of(row), new int[] {0}, row, false));
    }
    AlleleEntry only = new AlleleEntry(AlleleName.parse("A*01:01:01:01"), "", "", "");
    return new LocusTable("A", features, List.of(only));
  }

  @ParameterizedTest
  @CsvSource({
    "exon1, 1, A, G, start codon",
    "exon1, 3, G, ., start codon",
    "exon1, 3, ., CC, start codon",
    "exon1, 1, ., CC, ''",
    "exon1, 4, G, A, ''",
    "exon1, 4, GCC, ., ''",
    "exon2, 4, T, C, stop codon",
    "exon2, 5, A, G, ''",
    "exon2, 6, A, C, stop codon",
    "exon2, 3, TTA, ., stop codon",
    "exon2, 5, ., G, stop codon",
    "exon2, 4, ., GGG, ''",
    "exon2, 7, C, T, ''",
    "intron1, 1, G, ., splice site",
    "intron1, 2, ., A, splice site",
    "intron1, 3, ., A, ''",
    "intron1, 3, AA, ., ''",
    "intron1, 9, CCAG, ., splice site",
    "intron1, 12, ., T, splice site",
    "intron1, 11, ., T, ''",
    "exon1, 8, ATGT, ., splice site",
    "exon1, 8, AT, ., ''",
    "exon2, 9, CGG, ., ''",
    "intron1, 1, G, A, ''",
    "3UTR, 1, G, ., ''"
  })
  void startsStopsAndSpliceSitesAreTold(
      String feature, int position, String oldBase, String newBase, String lost) {
    Change change = new Change(feature, position, oldBase, newBase);
    assertEquals(lost, NullRules.lost(table(), 0, change));
  }
}
