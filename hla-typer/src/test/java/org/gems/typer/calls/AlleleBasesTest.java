package org.gems.typer.calls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.gems.typer.genotype.LaidRead;
import org.gems.typer.library.AlleleEntry;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LibraryReader;
import org.gems.typer.library.LocusTable;
import org.gems.typer.testing.SyntheticWorld;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a read has more or less than an allele, wherever its gaps were laid. */
final class AlleleBasesTest {
  private static final int EXON1 = 120;

  @TempDir private Path folder;

  private LocusTable table;
  private String exon;

  @BeforeEach
  void readLibrary() throws IOException {
    SyntheticWorld world =
        new SyntheticWorld(3).gene("A").allele("A*01:01").allele("A*02:01", "exon1:40");
    exon = world.bases("A*01:01", "exon1");
    table =
        new LibraryReader(world.writeLibrary(folder.resolve("library"))).read(Set.of("A")).get("A");
  }

  /** A read of exon 1 with bases taken away, or put in without a column. */
  private record Read(List<Integer> columns, List<Byte> symbols, List<Inserted> inserted)
      implements LaidRead {
    @Override
    public int size() {
      return columns.size();
    }

    @Override
    public int column(int i) {
      return columns.get(i);
    }

    @Override
    public byte symbol(int i) {
      return symbols.get(i);
    }

    @Override
    public byte quality(int i) {
      return 37;
    }
  }

  private Read read(int missingAt, int missing, int insertedAt, String more) {
    List<Integer> columns = new ArrayList<>();
    List<Byte> symbols = new ArrayList<>();
    for (int i = 0; i < exon.length(); i++) {
      boolean isMissing = i >= missingAt && i < missingAt + missing;
      columns.add(EXON1 + i);
      symbols.add(isMissing ? LaidRead.GAP : (byte) exon.charAt(i));
    }
    List<LaidRead.Inserted> inserted =
        more.isEmpty()
            ? List.of()
            : List.of(
                new LaidRead.Inserted(
                    EXON1 + insertedAt - 1, more.getBytes(StandardCharsets.US_ASCII)));
    return new Read(columns, symbols, inserted);
  }

  private String changed(AlleleBases.Gap gap, String old) {
    int at = gap.at() - EXON1;
    return exon.substring(0, at) + gap.inserted() + exon.substring(at + old.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "GT", "TTTACG", "ACGTTGCAACGTTGCAACGT"})
  void insertedBasesStandInTheLastPlaceAndGiveTheReadsBases(String more) {
    AlleleBases bases = new AlleleBases(table, 0);
    for (int at = 20; at < 120; at++) {
      List<AlleleBases.Gap> gaps = bases.gaps(read(0, 0, at, more));
      assertEquals(1, gaps.size());
      String made = exon.substring(0, at) + more + exon.substring(at);
      assertEquals(made, changed(gaps.get(0), ""));
      assertEquals("exon1", bases.change(gaps.get(0)).feature());
      boolean isLast = gaps.get(0).inserted().charAt(0) != exon.charAt(gaps.get(0).at() - EXON1);
      assertTrue(isLast, "at " + at);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 20})
  void missingBasesGiveTheReadsBases(int missing) {
    AlleleBases bases = new AlleleBases(table, 0);
    for (int at = 20; at < 110; at++) {
      List<AlleleBases.Gap> gaps = bases.gaps(read(at, missing, 0, ""));
      assertEquals(1, gaps.size());
      String made = exon.substring(0, at) + exon.substring(at + missing);
      assertEquals(made, changed(gaps.get(0), bases.text(gaps.get(0))));
      assertEquals(gaps.get(0).at() - EXON1 + 1, bases.change(gaps.get(0)).position());
      assertEquals(Change.NOTHING, bases.change(gaps.get(0)).newBase());
    }
  }

  @Test
  void aGapThatIsUndoneInTheSameBasesIsNone() {
    AlleleBases bases = new AlleleBases(table, 0);
    for (int at = 20; at < 100; at++) {
      String own = exon.substring(at, at + 1);
      assertEquals(List.of(), bases.gaps(read(at, 1, at + 1, own)), "at " + at);
      assertEquals(List.of(), bases.gaps(read(at, 1, at, own)), "at " + at);
    }
  }

  private static LocusTable.Feature feature(String name, String row) {
    byte[] bases = row.getBytes(StandardCharsets.US_ASCII);
    return new LocusTable.Feature(name, List.of(bases), new int[] {0}, bases, false);
  }

  /**
   * Reads run on into an intron, whose first bases follow the exon's last as inserted ones would.
   */
  @ParameterizedTest
  @CsvSource({
    "'', 19, TTCCA, false",
    "'', 20, TTCCG, false",
    "'', 20, TTCCA, true",
    "'', 10, TTCCA, true",
    "GTAAGTCCAG, 29, TTCCA, true",
    "GTAAGTCCAG, 10, TTCCA, true"
  })
  void basesBesideAnIntronThatTheReleaseDoesNotStateAreNoExons(
      String intron, int after, String inserted, boolean isOfExon) {
    LocusTable coding =
        new LocusTable(
            "A",
            List.of(
                feature("exon1", "ACGATCGATTACGCATCAGT"),
                feature("intron1", intron),
                feature("exon2", "GCATTACGACTACGACTACG")),
            List.of(new AlleleEntry(AlleleName.parse("A*01:01"), "", "", "")));
    AlleleBases bases = new AlleleBases(coding, 0);
    List<Integer> columns = new ArrayList<>();
    List<Byte> symbols = new ArrayList<>();
    String text = "ACGATCGATTACGCATCAGT" + intron + "GCATTACGACTACGACTACG";
    for (int i = 0; i < text.length(); i++) {
      columns.add(i);
      symbols.add((byte) text.charAt(i));
    }
    LaidRead.Inserted more =
        new LaidRead.Inserted(after, inserted.getBytes(StandardCharsets.US_ASCII));
    List<AlleleBases.Gap> gaps = bases.gaps(new Read(columns, symbols, List.of(more)));
    assertEquals(List.of(isOfExon), gaps.stream().map(bases::isOfExon).toList());
  }
}
