package org.gems.typer.panel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.gems.typer.BadInputException;
import org.gems.typer.Bases;
import org.gems.typer.library.AlleleName;
import org.gems.typer.library.LibraryManifest;

/**
 * The amplicons of a kit and their primers.
 *
 * @param rows amplicons in the file's order
 * @param primerMaskVersion the word after {@code # primer_mask_version:}, or {@code unversioned}
 * @param sha256 of the file's bytes
 */
public record Panel(List<PanelRow> rows, String primerMaskVersion, String sha256) {
  private static final String HEADER =
      "locus\tamplicon\tstart_feature\tstart_offset\tend_feature\tend_offset\tforward_primer\treverse_primer";
  private static final String MASK = "primer_mask_version:";
  private static final String COUNTED_ON = "counted_on:";
  private static final int MINIMUM_PRIMER_BP = 12;
  private static final int MAXIMUM_PRIMER_BP = 60;

  /** The loci that have an amplicon. */
  public Set<String> loci() {
    return rows.stream().map(PanelRow::locus).collect(Collectors.toSet());
  }

  /**
   * Reads a panel.
   *
   * @throws BadInputException where a line is not as the format says
   */
  public static Panel read(Path path) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path);
    } catch (IOException e) {
      throw new BadInputException(
          path.toString(), 0, "a readable panel", e.toString(), "check --panel");
    }
    return new Parser(path.toString(), new String(bytes, StandardCharsets.UTF_8))
        .parse(LibraryManifest.sha256(bytes));
  }

  private static final class Parser {
    private final String file;
    private final String[] lines;
    private final List<PanelRow> rows = new ArrayList<>();
    private final Set<String> labels = new HashSet<>();
    private final Map<String, String> countedOn = new HashMap<>();
    private String version = "unversioned";
    private boolean headerSeen;
    private int line;

    Parser(String file, String text) {
      this.file = file;
      this.lines = text.lines().toArray(String[]::new);
    }

    Panel parse(String sha256) {
      for (line = 1; line <= lines.length; line++) {
        String text = lines[line - 1];
        if (text.startsWith("#")) {
          comment(text.substring(1).strip());
        } else if (!headerSeen) {
          headerSeen = true;
          require(text.equals(HEADER), "the header " + HEADER.replace('\t', ' '), text);
        } else if (!text.isBlank()) {
          row(text.split("\t", -1));
        }
      }
      line = 0;
      require(!rows.isEmpty(), "at least one amplicon", "none");
      List<PanelRow> counted =
          rows.stream().map(r -> r.countedOn(countedOn.getOrDefault(r.locus(), ""))).toList();
      return new Panel(counted, version, sha256);
    }

    private void comment(String text) {
      if (text.startsWith(MASK)) {
        version = text.substring(MASK.length()).strip();
      } else if (text.startsWith(COUNTED_ON)) {
        String name = text.substring(COUNTED_ON.length()).strip();
        countedOn.put(alleleName(name).locus(), name);
      }
    }

    private AlleleName alleleName(String text) {
      try {
        return AlleleName.parse(text);
      } catch (IllegalArgumentException e) {
        throw wrong("an allele name such as A*01:01:01:01", "'" + text + "'");
      }
    }

    private void row(String[] cells) {
      require(cells.length == 8, "8 tab-separated cells", cells.length + " cells");
      PanelRow row =
          new PanelRow(
              cells[0],
              cells[1],
              new PanelRow.Anchor(cells[2], offset(cells[3])),
              new PanelRow.Anchor(cells[4], offset(cells[5])),
              primer(cells[6]),
              primer(cells[7]),
              "");
      require(labels.add(row.label()), "each amplicon once", row.label() + " again");
      rows.add(row);
    }

    private int offset(String cell) {
      // Integer.parseInt alone would take the digits of every script.
      if (!cell.matches("[+-]?[0-9]{1,9}")) {
        throw wrong("a whole number", cell);
      }
      return Integer.parseInt(cell);
    }

    private String primer(String cell) {
      boolean letters = cell.chars().allMatch(letter -> Bases.set((char) letter) != 0);
      long sure = cell.chars().filter(letter -> "ACGT".indexOf(letter) >= 0).count();
      require(
          letters && sure >= MINIMUM_PRIMER_BP && cell.length() <= MAXIMUM_PRIMER_BP,
          "a primer of at most %d IUPAC letters, at least %d of them A C G T"
              .formatted(MAXIMUM_PRIMER_BP, MINIMUM_PRIMER_BP),
          "'" + cell + "'");
      return cell;
    }

    private void require(boolean holds, String expected, String found) {
      if (!holds) {
        throw wrong(expected, found);
      }
    }

    private BadInputException wrong(String expected, String found) {
      return new BadInputException(file, line, expected, found, "correct the panel file");
    }
  }
}
