package org.gems.typer.library;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.gems.typer.BadInputException;
import org.gems.typer.Json;

/**
 * What {@code library.json} says of a compiled reference library.
 *
 * @param release the IPD-IMGT/HLA release
 * @param sha256 names the library's content
 * @param files SHA-256 of each file, by name
 * @param referenceAlleles the reference allele of each locus
 */
public record LibraryManifest(
    String release,
    String sha256,
    Map<String, String> files,
    Map<String, String> referenceAlleles) {
  private static final int FORMAT = 1;
  private static final String REPAIR = "build the library again with gems reference build";

  /**
   * Reads and checks the manifest of a library.
   *
   * @throws BadInputException where it is missing, no JSON, of another format, or names another
   *     content than its own list of files
   */
  public static LibraryManifest read(Path directory) {
    Path path = directory.resolve("library.json");
    JsonNode root = parse(path);
    require(path, "format " + FORMAT, root.path("format").asInt(-1) == FORMAT, root.path("format"));
    require(path, "a release", root.path("release").isTextual(), root.path("release"));
    require(path, "an object of loci", root.path("loci").isObject(), root.path("loci"));
    require(path, "an object of files", root.path("files").isObject(), root.path("files"));
    Map<String, String> files = new TreeMap<>();
    root.get("files").fields().forEachRemaining(e -> files.put(e.getKey(), e.getValue().asText()));
    Map<String, String> references = new TreeMap<>();
    root.get("loci")
        .fields()
        .forEachRemaining(
            e -> references.put(e.getKey(), e.getValue().path("reference_allele").asText()));
    String named = contentName(files);
    String stated = root.path("sha256").asText();
    require(path, "sha256 " + named, named.equals(stated), root.path("sha256"));
    return new LibraryManifest(
        root.get("release").asText(),
        stated,
        Collections.unmodifiableMap(files),
        Collections.unmodifiableMap(references));
  }

  /**
   * Reads a file of the library and checks its SHA-256.
   *
   * @throws BadInputException where it is missing, not listed or has other bytes than listed
   */
  public byte[] readFile(Path directory, String name) {
    Path path = directory.resolve(name);
    String listed = files.get(name);
    if (listed == null) {
      throw new BadInputException(
          directory.resolve("library.json").toString(), 0, "an entry " + name, "none", REPAIR);
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(path);
    } catch (IOException e) {
      throw new BadInputException(path.toString(), 0, "a readable file", e.toString(), REPAIR);
    }
    String found = sha256(bytes);
    if (!found.equals(listed)) {
      throw new BadInputException(
          path.toString(), 0, "sha256 " + listed, "sha256 " + found, REPAIR);
    }
    return bytes;
  }

  /** Lower-case hexadecimal SHA-256. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String contentName(Map<String, String> files) {
    StringBuilder lines = new StringBuilder();
    files.forEach((name, hash) -> lines.append(hash).append("  ").append(name).append('\n'));
    return sha256(lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode parse(Path path) {
    try {
      return Json.read(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new BadInputException(
          path.toString(), 0, "a library manifest in JSON", firstLine(e), REPAIR);
    }
  }

  private static String firstLine(IOException e) {
    return e.toString().lines().findFirst().orElse("an unreadable file");
  }

  private static void require(Path path, String expected, boolean holds, JsonNode found) {
    if (!holds) {
      throw new BadInputException(
          path.toString(),
          0,
          expected,
          found.isMissingNode() ? "nothing" : found.toString(),
          REPAIR);
    }
  }
}
