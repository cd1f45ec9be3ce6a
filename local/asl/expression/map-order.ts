/**
 * The order in which the service writes names that it keeps in a hash table: the evaluated members of a payload template, the
 * columns of a CSV file. It is that of Java's HashMap: 16 buckets, doubled when three quarters full, by the hash of the name.
 */
export function inMapOrder(names: readonly string[]): string[] {
  let buckets = 16;
  while (names.length > buckets * 0.75) buckets *= 2;
  const bucketOf = (name: string) => {
    const hash = hashOf(name);
    return (hash ^ (hash >>> 16)) & (buckets - 1);
  };
  // Stable: names in the same bucket stay in the order in which they came.
  return [...new Set(names)].sort((a, b) => bucketOf(a) - bucketOf(b));
}

/** Java's `String.hashCode`. */
function hashOf(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index++) hash = (Math.imul(hash, 31) + name.charCodeAt(index)) | 0;
  return hash;
}
