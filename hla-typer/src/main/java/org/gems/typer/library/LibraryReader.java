package org.gems.typer.library;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.gems.typer.BadInputException;

/**
 * Reads the loci that are wanted from a compiled reference library, checking every file it opens.
 */
public final class LibraryReader {
  private static final List<String> ALLELE_COLUMNS =
      List.of("allele", "g_group", "p_group", "ciwd");
  private static final String SEQUENCE_HEADER = "feature\tindex\tsequence";
  private static final String REPAIR = "build the library again with gems reference build";

  private final Path directory;
  private final LibraryManifest manifest;

  /** Opens a library and reads its manifest. */
  public LibraryReader(Path directory) {
    this.directory = directory;
    this.manifest = LibraryManifest.read(directory);
  }

  /** Where the library lies. */
  public Path directory() {
    return directory;
  }

  /** What the library says of itself. */
  public LibraryManifest manifest() {
    return manifest;
  }

  /**
   * Reads those of the loci that the library has.
   *
   * @return tables by locus, in the order of their names
   */
  public Map<String, LocusTable> read(Set<String> loci) {
    Map<String, LocusTable> tables = new TreeMap<>();
    loci.stream()
        .filter(manifest.referenceAlleles()::containsKey)
        .sorted()
        .parallel()
        .map(this::readLocus)
        .sequential()
        .toList()
        .forEach(table -> tables.put(table.locus(), table));
    return tables;
  }

  private LocusTable readLocus(String locus) {
    Lines alleleLines = open(locus + ".alleles.tsv");
    List<String> header = List.of(alleleLines.next().split("\t", -1));
    if (header.size() < 5 || !header.subList(0, 4).equals(ALLELE_COLUMNS)) {
      throw alleleLines.wrong(
          "the header " + String.join(" ", ALLELE_COLUMNS) + " and features", header.toString());
    }
    List<String> features = header.subList(4, header.size());
    List<List<byte[]>> rows = readRows(locus + ".sequences.tsv", features);
    List<AlleleEntry> alleles = new ArrayList<>();
    List<int[]> cells = new ArrayList<>();
    while (alleleLines.hasNext()) {
      String[] parts = alleleLines.next().split("\t", -1);
      if (parts.length != header.size()) {
        throw alleleLines.wrong(header.size() + " cells", parts.length + " cells");
      }
      alleles.add(entry(alleleLines, parts));
      cells.add(rowNumbers(alleleLines, parts, rows));
    }
    int reference = referenceIndex(locus, alleles, alleleLines);
    List<LocusTable.Feature> built = new ArrayList<>();
    for (int f = 0; f < features.size(); f++) {
      int feature = f;
      int[] rowOf = cells.stream().mapToInt(c -> c[feature]).toArray();
      List<byte[]> own = rows.get(f);
      built.add(
          new LocusTable.Feature(features.get(f), own, rowOf, own.get(rowOf[reference]), false));
    }
    return new LocusTable(locus, built, alleles);
  }

  private int referenceIndex(String locus, List<AlleleEntry> alleles, Lines lines) {
    String wanted = manifest.referenceAlleles().get(locus);
    for (int i = 0; i < alleles.size(); i++) {
      if (alleles.get(i).name().text().equals(wanted)) {
        return i;
      }
    }
    throw lines.wrong("the reference allele " + wanted, "no such allele");
  }

  private static AlleleEntry entry(Lines lines, String[] parts) {
    try {
      return new AlleleEntry(AlleleName.parse(parts[0]), parts[1], parts[2], parts[3]);
    } catch (IllegalArgumentException e) {
      throw lines.wrong("an allele name such as A*01:01:01:01", parts[0]);
    }
  }

  /**
   * A number written with the digits 0 to 9, which parseInt alone would take of every script; -1
   * for anything else.
   */
  private static int rowNumber(String cell) {
    if (cell.isEmpty() || cell.length() > 9) {
      return -1;
    }
    for (int i = 0; i < cell.length(); i++) {
      if (cell.charAt(i) < '0' || cell.charAt(i) > '9') {
        return -1;
      }
    }
    return Integer.parseInt(cell);
  }

  private static int[] rowNumbers(Lines lines, String[] parts, List<List<byte[]>> rows) {
    int[] result = new int[rows.size()];
    for (int f = 0; f < rows.size(); f++) {
      String cell = parts[f + 4];
      result[f] = rowNumber(cell);
      if (result[f] < 0 || result[f] >= rows.get(f).size()) {
        throw lines.wrong("a row number below " + rows.get(f).size(), cell);
      }
    }
    return result;
  }

  private List<List<byte[]>> readRows(String name, List<String> features) {
    Lines lines = open(name);
    String header = lines.next();
    if (!header.equals(SEQUENCE_HEADER)) {
      throw lines.wrong("the header " + SEQUENCE_HEADER.replace('\t', ' '), header);
    }
    List<List<byte[]>> rows = new ArrayList<>();
    features.forEach(f -> rows.add(new ArrayList<>()));
    while (lines.hasNext()) {
      String[] parts = lines.next().split("\t", -1);
      int feature = parts.length == 3 ? features.indexOf(parts[0]) : -1;
      if (feature < 0) {
        throw lines.wrong("a feature of " + features + ", its row number and sequence", parts[0]);
      }
      List<byte[]> own = rows.get(feature);
      if (!parts[1].equals(Integer.toString(own.size()))) {
        throw lines.wrong("row number " + own.size(), parts[1]);
      }
      own.add(row(lines, parts[2], own));
    }
    return rows;
  }

  private static byte[] row(Lines lines, String text, List<byte[]> before) {
    byte[] row = text.getBytes(StandardCharsets.US_ASCII);
    for (byte symbol : row) {
      if ("ACGT.*".indexOf(symbol) < 0) {
        throw lines.wrong("only A C G T . *", "'" + (char) symbol + "'");
      }
    }
    if (!before.isEmpty() && before.get(0).length != row.length) {
      throw lines.wrong(before.get(0).length + " columns", row.length + " columns");
    }
    return row;
  }

  private Lines open(String name) {
    String text = new String(manifest.readFile(directory, name), StandardCharsets.UTF_8);
    return new Lines(directory.resolve(name).toString(), text);
  }

  /** The lines of a file, with the number of the one last read. */
  private static final class Lines {
    private final String file;
    private final List<String> lines;
    private int read;

    Lines(String file, String text) {
      this.file = file;
      this.lines = text.lines().toList();
    }

    boolean hasNext() {
      return read < lines.size();
    }

    String next() {
      if (!hasNext()) {
        throw wrong("a header line", "the end of the file");
      }
      return lines.get(read++);
    }

    BadInputException wrong(String expected, String found) {
      return new BadInputException(file, read, expected, found, REPAIR);
    }
  }
}
