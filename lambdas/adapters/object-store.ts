import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

// Whoever keeps an object here checks what it reads itself, so that the SDK's own checksums would be work done twice.
const client = new S3Client({
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
});

export interface StoredObject {
  bucket: string;
  key: string;
}

/** S3 takes the object only if its SHA-256, in base64, is this one. */
export async function putObject({ bucket, key }: StoredObject, text: string, sha256: string): Promise<void> {
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: Buffer.from(text),
      ContentType: 'application/json',
      ChecksumSHA256: sha256,
    }),
  );
}

/** Piece by piece, as it arrives. Undefined: not there, or not ours to read, which S3 does not tell apart. */
export async function readObject({ bucket, key }: StoredObject): Promise<AsyncIterable<Uint8Array> | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body as AsyncIterable<Uint8Array> | undefined;
  } catch (error) {
    // Without the right to list a bucket, what is missing is what is forbidden.
    if (error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'AccessDenied')) return undefined;
    throw error;
  }
}
