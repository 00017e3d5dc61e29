/** Keeping what is costly to build in a file that is mapped into memory the next time. */
package org.gems.typer.index;
