package org.gems.typer.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.gems.typer.ruleset.Ruleset;

/** The ruleset that the typer carries, with some values of one's own. */
public final class Rules {
  private final ObjectNode json;

  /** The ruleset as it is. */
  public Rules() throws IOException {
    try (InputStream stream = Ruleset.class.getResourceAsStream("/org/gems/typer/ruleset-1.json")) {
      json = (ObjectNode) new ObjectMapper().readTree(stream);
    }
  }

  /** Gives a threshold another value. */
  public Rules with(String threshold, double value) {
    ((ObjectNode) json.at("/thresholds/" + threshold)).put("value", value);
    return this;
  }

  /** Writes it and answers the option that names it. */
  public String option(Path folder) throws IOException {
    return "--ruleset=" + write(folder);
  }

  /** Writes it and answers its file. */
  public Path write(Path folder) throws IOException {
    Path file = folder.resolve("rules.json");
    new ObjectMapper().writeValue(file.toFile(), json);
    return file;
  }
}
