/**
 * What the genes of one chromosome usually have beside each other. It never changes a call: it says
 * where a call is unusual.
 */
package org.gems.typer.linkage;
