package org.gems.typer.panel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gems.typer.library.LibraryManifest;

/**
 * Says that reads come from no panel: the word {@code none}, or a file whose only line is {@code #
 * panel: none}, which a job carries in a panel's place.
 */
public final class NoPanel {
  /** The word of the command line and of results. */
  public static final String WORD = "none";

  private static final String TEXT = "# panel: none";

  private NoPanel() {}

  /** Whether a panel's path says that there is none. */
  public static boolean isMeant(Path panel) {
    return panel.equals(Path.of(WORD)) || says(panel);
  }

  private static boolean says(Path panel) {
    try {
      return Files.isRegularFile(panel)
          && Files.size(panel) <= TEXT.length() + 2
          && Files.readString(panel, StandardCharsets.ISO_8859_1).strip().equals(TEXT);
    } catch (IOException e) {
      return false;
    }
  }

  /** SHA-256 of the file, so that both ways give the same results. */
  public static String sha256() {
    return LibraryManifest.sha256((TEXT + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
