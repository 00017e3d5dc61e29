package org.gems.typer.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * A file that names what it was built from and carries the length and the CRC-32 of its content.
 * They are against damage: who may write the file could write any hash too, and SHA-256 takes a
 * fifth of a second of every start for what CRC-32 does in a hundredth. A file that is absent, of
 * something else, cut short or altered is not used, and may be built again at any time; it comes to
 * stand under its name in one step, so that processes may build it at once.
 */
public final class IndexFile {
  private static final byte[] MAGIC = "GEMSIDX2".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_BYTES = 32;
  private static final int HEADER_BYTES = MAGIC.length + HASH_BYTES + 2 * Long.BYTES;

  private IndexFile() {}

  /**
   * Maps a file.
   *
   * @param source all that the content depends on, in words
   * @return empty where the file cannot be used
   */
  public static Optional<IndexReader> read(Path file, String source) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < HEADER_BYTES || size > Integer.MAX_VALUE) {
        return Optional.empty();
      }
      ByteBuffer mapped = channel.map(MapMode.READ_ONLY, 0, size);
      ByteBuffer content = mapped.slice(HEADER_BYTES, mapped.limit() - HEADER_BYTES);
      boolean intact = mapped.slice(0, HEADER_BYTES).equals(header(source, content.duplicate()));
      return intact ? Optional.of(new IndexReader(content)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Writes a file.
   *
   * @return whether it could be kept
   */
  public static boolean write(Path file, String source, IndexWriter writer) {
    // Processes in different containers may share the folder and have one number. A temporary file
    // of Java's would be for its owner alone, who need not be the next to read it.
    Path draft = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
    try {
      Files.createDirectories(file.getParent());
      try (FileChannel channel =
          FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        put(channel, header(source, writer.content()));
        put(channel, writer.content());
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      discard(draft);
    }
  }

  private static void put(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void discard(Path draft) {
    try {
      Files.deleteIfExists(draft);
    } catch (IOException e) {
      // A folder that takes no file has none to lose.
    }
  }

  private static ByteBuffer header(String source, ByteBuffer content) {
    return ByteBuffer.allocate(HEADER_BYTES)
        .put(MAGIC)
        .put(sha256(source))
        .putLong(content.remaining())
        .putLong(crc32(content))
        .flip();
  }

  private static long crc32(ByteBuffer content) {
    CRC32 sum = new CRC32();
    sum.update(content);
    return sum.getValue();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
