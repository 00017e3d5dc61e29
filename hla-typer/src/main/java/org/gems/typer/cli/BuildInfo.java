package org.gems.typer.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import org.gems.typer.library.LibraryManifest;

/**
 * What this build says of itself.
 *
 * @param version such as {@code 0.1.0}
 * @param commit the commit it was built from, or {@code unknown}
 */
record BuildInfo(String version, String commit) {
  static BuildInfo load() {
    Properties properties = new Properties();
    try (InputStream stream =
        BuildInfo.class.getResourceAsStream("/org/gems/typer/build.properties")) {
      properties.load(stream);
    } catch (IOException e) {
      throw new IllegalStateException("the jar lacks its build.properties; build it again", e);
    }
    return new BuildInfo(properties.getProperty("version"), properties.getProperty("commit"));
  }

  /** SHA-256 of the running jar; empty where the typer runs from classes. */
  static Optional<String> jarSha256() {
    try {
      Path source =
          Path.of(BuildInfo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return Files.isRegularFile(source)
          ? Optional.of(LibraryManifest.sha256(Files.readAllBytes(source)))
          : Optional.empty();
    } catch (IOException | URISyntaxException e) {
      return Optional.empty();
    }
  }
}
