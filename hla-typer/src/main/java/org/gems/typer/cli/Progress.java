package org.gems.typer.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.Optional;
import org.gems.typer.Json;

/** Progress for the program that started the typer: one JSON object a line, flushed. */
final class Progress {
  private final PrintStream out;

  Progress(PrintStream out) {
    this.out = out;
  }

  void library(String release, double seconds, Optional<String> index) {
    ObjectNode said = event("library").put("release", release).put("seconds", rounded(seconds));
    index.ifPresent(word -> said.put("index", word));
    say(said);
  }

  void started(String sample) {
    say(event("started").put("sample", sample));
  }

  void typed(String sample, int pairs, double seconds) {
    say(event("typed").put("sample", sample).put("pairs", pairs).put("seconds", rounded(seconds)));
  }

  void failed(String sample, String message) {
    say(event("failed").put("sample", sample).put("message", message));
  }

  void finished(int typed, int failed) {
    say(event("finished").put("typed", typed).put("failed", failed));
  }

  private static ObjectNode event(String name) {
    return JsonNodeFactory.instance.objectNode().put("event", name);
  }

  private static double rounded(double seconds) {
    return Math.round(seconds * 1000) / 1000.0;
  }

  private synchronized void say(ObjectNode event) {
    out.print(Json.line(event) + "\n");
    out.flush();
  }
}
