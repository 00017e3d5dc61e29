/** What results say beside calls: one list of flags for reads with a panel and without. */
package org.gems.typer.flags;
