package org.gems.typer.calls;

import java.util.Map;

/**
 * Something a person should know of a call.
 *
 * @param code a stable word
 * @param message for people
 * @param evidence the numbers behind it, by name; values are numbers or texts
 */
public record Flag(String code, String message, Map<String, Object> evidence) {}
