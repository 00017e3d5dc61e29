package org.gems.typer.output;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gems.typer.Json;
import org.gems.typer.calls.Variant;
import org.gems.typer.flags.Flag;

/** Writes a sample's files, each whole or not at all: to a temporary name, then renamed. */
public final class ResultFolder {
  private final Path folder;

  /** The folder of a sample inside the output folder; made where it is absent. */
  public ResultFolder(Path out, String sample) throws IOException {
    folder = out.resolve(sample);
    Files.createDirectories(folder);
  }

  /** Writes the typing and what no allele explains, and takes an earlier failure away. */
  public void writeTyping(ObjectNode typing, List<Variant> variants) throws IOException {
    write("unexplained.fasta", fasta(variants));
    write("typing.json", Json.indented(typing));
    Files.deleteIfExists(folder.resolve("error.json"));
  }

  /**
   * Writes the typing anew with other flags in the place of those of the same codes.
   *
   * @param flags by locus
   */
  public void replaceFlags(Map<String, List<Flag>> flags) throws IOException {
    ObjectNode typing = (ObjectNode) Json.read(Files.readAllBytes(folder.resolve("typing.json")));
    flags.forEach((locus, own) -> TypingJson.replaceFlags(typing, locus, own));
    write("typing.json", Json.indented(typing));
  }

  /** Writes why a sample could not be typed, and takes an earlier result away. */
  public void writeError(String sample, SampleError error) throws IOException {
    Files.deleteIfExists(folder.resolve("typing.json"));
    Files.deleteIfExists(folder.resolve("unexplained.fasta"));
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("sample", sample)
            .put("file", error.file())
            .put("line", error.line())
            .put("expected", error.expected())
            .put("found", error.found())
            .put("message", error.message())
            .put("internal_fault", error.isInternal());
    write("error.json", Json.indented(node));
  }

  private static String fasta(List<Variant> variants) {
    StringBuilder text = new StringBuilder();
    int number = 0;
    for (Variant variant : variants) {
      number++;
      text.append(
          String.format(
              Locale.ROOT,
              ">%s|%s|%d pairs=%d share=%.3f\n",
              variant.locus(),
              variant.amplicon(),
              number,
              variant.pairs(),
              variant.share()));
      text.append(variant.sequence()).append('\n');
    }
    return text.toString();
  }

  private void write(String name, String text) throws IOException {
    Path temporary = folder.resolve("." + name + ".partial");
    Files.writeString(temporary, text, StandardCharsets.UTF_8);
    Files.move(
        temporary,
        folder.resolve(name),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }
}
