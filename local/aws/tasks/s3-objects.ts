/** An object as the items of `s3:listObjectsV2` show it. */
export interface ListedObject {
  Etag: string;
  Key: string;
  /** Seconds since the epoch. */
  LastModified: number;
  Size: number;
  StorageClass: string;
}

/** Throws with the service's message. */
export async function readObject(endpoint: string, bucket: string, key: string, signal: AbortSignal): Promise<string> {
  return send(new URL(pathOf(bucket, key), endpoint), { signal });
}

export async function writeObject(
  endpoint: string,
  { bucket, key, body }: { bucket: string; key: string; body: string },
  signal: AbortSignal,
): Promise<void> {
  await send(new URL(pathOf(bucket, key), endpoint), { method: 'PUT', body, signal });
}

function pathOf(bucket: string, key: string): string {
  return `/${[bucket, ...key.split('/')].map(encodeURIComponent).join('/')}`;
}

/** All objects with a prefix, in the order of their keys. */
export async function listObjects(
  endpoint: string,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    const url = new URL(`/${encodeURIComponent(bucket)}`, endpoint);
    url.searchParams.set('list-type', '2');
    if (prefix !== '') url.searchParams.set('prefix', prefix);
    if (token !== '') url.searchParams.set('continuation-token', token);
    const xml = await send(url, { signal });
    for (const [, content = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      objects.push({
        Etag: element(content, 'ETag') ?? '',
        LastModified: Math.floor(Date.parse(element(content, 'LastModified') ?? '') / 1000),
        Key: element(content, 'Key') ?? '',
        Size: Number(element(content, 'Size')),
        StorageClass: element(content, 'StorageClass') ?? 'STANDARD',
      });
    }
    token = element(xml, 'NextContinuationToken');
  }
  return objects;
}

async function send(url: URL, request: RequestInit): Promise<string> {
  const response = await fetch(url, request);
  const text = await response.text();
  if (response.ok) return text;
  const message = element(text, 'Message') ?? response.statusText;
  throw new Error(`${message} (Service: S3, Status Code: ${response.status})`);
}

function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp|#39|#34);/g, (entity) => entities[entity] ?? entity);
}

const entities: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#34;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&amp;': '&',
};
