package org.gems.typer.flags;

import java.util.Map;
import java.util.TreeMap;

/**
 * Something a person should know of a call or a sample.
 *
 * @param message for people
 * @param evidence the numbers behind it, by name; values are numbers or texts
 */
public record Flag(FlagCode code, String message, Map<String, Object> evidence) {
  /** A flag whose evidence is what its code promises. */
  public Flag {
    assert code.admits(evidence.keySet()) : code + " " + evidence.keySet();
  }

  /** A flag with evidence from names and values in turn. */
  public static Flag of(FlagCode code, String message, Object... namesAndValues) {
    return new Flag(code, message, evidenceOf(namesAndValues));
  }

  /** Evidence from names and values in turn. */
  public static Map<String, Object> evidenceOf(Object... namesAndValues) {
    Map<String, Object> evidence = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      evidence.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return evidence;
  }
}
