package org.gems.typer.shotgun;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LocusTable;
import org.gems.typer.ruleset.Ruleset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a kit copied of a gene, told by the columns that its reads cover. */
final class CopiedRangeTest {
  private static final int FEATURE_BP = 100;
  private static final int READ_BP = 50;
  private static final List<String> FEATURES =
      List.of(
          "5UTR", "exon1", "intron1", "exon2", "intron2", "exon3", "intron3", "exon4", "intron4",
          "exon5", "3UTR");

  private static Gene gene() {
    List<LocusTable.Feature> features = new ArrayList<>();
    for (String name : FEATURES) {
      byte[] row = new byte[FEATURE_BP];
      Arrays.fill(row, (byte) 'A');
      features.add(new LocusTable.Feature(name, List.of(row), new int[] {0}, row, false));
    }
    AlleleEntry only = new AlleleEntry(AlleleName.parse("A*01:01:01:01"), "", "", "");
    return new Gene(new LocusTable("A", features, List.of(only)));
  }

  /** Reads that cover some columns, twenty deep. */
  private static List<Fragment> reads(Gene gene, String covered) {
    List<Fragment> all = new ArrayList<>();
    for (String part : covered.split(" ", -1)) {
      int from = Integer.parseInt(part.substring(0, part.indexOf('-')));
      int to = Integer.parseInt(part.substring(part.indexOf('-') + 1));
      for (int start = from; start < to; start += READ_BP) {
        Alignment read = new Alignment(READ_BP);
        int end = Math.min(to, start + READ_BP);
        IntStream.range(start, end).forEach(c -> read.add(c, (byte) 'A', (byte) 40, 7000));
        int first = gene.featureAt(start);
        boolean isOfFirst = gene.features().get(first).isExon();
        int second = gene.featureAt(end - 1);
        int exon = isOfFirst ? first : gene.features().get(second).isExon() ? second : -1;
        for (int i = 0; i < 20; i++) {
          all.add(
              new Fragment(all.size(), List.of(new Placement(0, List.of(read), exon, 0, 0)), 0));
        }
      }
    }
    return all;
  }

  /**
   * Columns are those of eleven features of a hundred bases; exons begin at 100, 300, 500, 700 and
   * 900.
   */
  @ParameterizedTest
  @CsvSource({
    // From one end to the other, and to an intron.
    "20-1080, ''",
    "20-660, exon4 exon5",
    "20-700, exon4 exon5",
    "20-860, exon5",
    // From an intron.
    "240-1080, exon1",
    "240-860, exon1 exon5",
    // An exon within the range without reads is no end.
    "20-700 800-1080, ''",
    "20-100 200-1080, ''",
    // Messages, and exons with no more than the ends of introns.
    "100-200 300-400 500-600, ''",
    "60-240 260-440 460-640, ''",
    // No intron from one exon to another.
    "240-440, ''"
  })
  void beyondTheEndsIsWhatNoReadCovers(String covered, String outside) {
    Gene gene = gene();
    List<Fragment> all = reads(gene, covered);
    List<Fragment> ofExons = all.stream().filter(f -> f.best().exon() >= 0).toList();
    List<Fragment> others = all.stream().filter(f -> f.best().exon() < 0).toList();
    GeneExons exons = new GeneExons(gene, 0, ofExons, others, Ruleset.builtIn());
    exons.count();
    CopiedRange range = CopiedRange.of(exons, 0, Ruleset.builtIn());
    List<String> expected =
        Arrays.stream(outside.split(" ", -1)).filter(f -> !f.isEmpty()).toList();
    assertEquals(
        expected.stream().sorted().toList(),
        IntStream.range(0, FEATURES.size())
            .filter(f -> gene.features().get(f).isExon() && !range.has(f))
            .mapToObj(FEATURES::get)
            .sorted()
            .toList());
  }
}
