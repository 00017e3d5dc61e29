package org.gems.typer.reads;

import java.util.Locale;

/**
 * A place where pairs are lost; the constants of an enum stand in the order in which pairs pass.
 */
public interface ReadFilter {
  /** The constant's name. */
  String name();

  /** What it means that a pair is lost here, for people. */
  String meaning();

  /** The name in results. */
  default String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
