/**
 * What all packages share: bases as small numbers, keys of ints, JSON, and the error of a bad
 * input. {@code ArchitectureTest} says which package may know which.
 */
package org.gems.typer;
