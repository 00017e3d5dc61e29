package org.gems.typer.calls;

import java.util.Map;
import java.util.TreeMap;

/**
 * Something a person should know of a call.
 *
 * @param code a stable word
 * @param message for people
 * @param evidence the numbers behind it, by name; values are numbers or texts
 */
public record Flag(String code, String message, Map<String, Object> evidence) {
  /** Evidence from names and values in turn. */
  public static Map<String, Object> evidenceOf(Object... namesAndValues) {
    Map<String, Object> evidence = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      evidence.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return evidence;
  }
}
