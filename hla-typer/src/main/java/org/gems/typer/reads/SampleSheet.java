package org.gems.typer.reads;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.gems.typer.BadInputException;

/**
 * The samples of one run.
 *
 * @param samples in the sheet's order
 */
public record SampleSheet(List<Sample> samples) {
  private static final String HEADER = "sample\tr1\tr2";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+=@-]{0,199}");
  private static final String REPAIR = "correct the sample sheet";
  private static final String MATES =
      "name it too (in a sample sheet: cell r2); single reads are typed without a panel only (--panel none)";

  /**
   * One person's read files.
   *
   * @param mates the second reads; empty where only one end of each fragment was read
   */
  public record Sample(String name, Path r1, Optional<Path> mates) {
    /** Whether only one end of each fragment was read. */
    public boolean isSingle() {
      return mates.isEmpty();
    }

    /**
     * The file of second reads.
     *
     * @throws BadInputException where there is none
     */
    public Path r2() {
      return mates.orElseThrow(
          () ->
              new BadInputException(
                  r1.toString(), 0, "a second file with its mates", "none", MATES));
    }
  }

  /**
   * Reads a sheet; paths that are not absolute are taken from where the typer was started.
   *
   * @throws BadInputException where a line is not as the format says
   */
  public static SampleSheet read(Path path) {
    String file = path.toString();
    String text;
    try {
      text = Files.readString(path, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new BadInputException(file, 0, "a readable sample sheet", e.toString(), REPAIR);
    }
    String[] lines = text.lines().toArray(String[]::new);
    String header = lines.length == 0 ? "" : lines[0];
    require(header.equals(HEADER), file, 1, "the header sample r1 r2", header);
    List<Sample> samples = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 1; i < lines.length; i++) {
      String[] cells = lines[i].split("\t", -1);
      require(cells.length == 3, file, i + 1, "3 tab-separated cells", cells.length + " cells");
      boolean named = NAME.matcher(cells[0]).matches();
      require(named, file, i + 1, "a sample name of letters, digits and . _ + = @ -", cells[0]);
      require(names.add(cells[0]), file, i + 1, "each sample once", cells[0] + " again");
      require(!cells[1].isBlank(), file, i + 1, "a file of reads in the cell r1", cells[1]);
      Optional<Path> mates =
          cells[2].isBlank() ? Optional.empty() : Optional.of(path(cells[2], file, i + 1));
      samples.add(new Sample(cells[0], path(cells[1], file, i + 1), mates));
    }
    require(!samples.isEmpty(), file, 0, "at least one sample", "none");
    return new SampleSheet(List.copyOf(samples));
  }

  private static Path path(String cell, String file, long line) {
    try {
      return Path.of(cell);
    } catch (InvalidPathException e) {
      throw new BadInputException(file, line, "a path", e.getReason(), REPAIR);
    }
  }

  private static void require(
      boolean holds, String file, long line, String expected, String found) {
    if (!holds) {
      throw new BadInputException(file, line, expected, "'" + found + "'", REPAIR);
    }
  }
}
