import { describe, expect, it } from 'vitest';
import { synthesizeOrders } from './synthesized.ts';

const production = synthesizeOrders();
const tables = production.ofType('AWS::DynamoDB::Table');

describe('the tables', () => {
  it('are six, each with the keys that the adapters use', () => {
    const keys = tables.map(({ path, properties }) => [
      path.split('/')[1],
      ...properties.KeySchema.map((key: { AttributeName: string }) => key.AttributeName),
    ]);
    expect(keys).toEqual([
      ['Orders', 'orderId', 'sk'],
      ['Inventory', 'sku', 'sk'],
      ['Waits', 'waitId'],
      ['Idempotency', 'id'],
      ['Sandbox', 'key'],
      ['Providers', 'key'],
    ]);
  });

  it.each(tables)('$path is paid per request and can be restored to any second', ({ properties }) => {
    expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    // Absent means encrypted with DynamoDB's own key; `SSEEnabled: false` would say the same, and mislead.
    expect(properties.SSESpecification).toBeUndefined();
  });

  it('outlive a production stack and are protected from deletion', () => {
    for (const { properties, deletionPolicy } of tables) {
      expect(properties.DeletionProtectionEnabled).toBe(true);
      expect(deletionPolicy).toBe('Retain');
    }
  });

  it('go with a development stack', () => {
    for (const { properties, deletionPolicy } of synthesizeOrders({ stage: 'dev' }).ofType('AWS::DynamoDB::Table')) {
      expect(properties.DeletionProtectionEnabled).toBe(false);
      expect(deletionPolicy).toBe('Delete');
    }
  });

  it('forget idempotency records by themselves, and nothing else', () => {
    const withTtl = tables.filter(({ properties }) => properties.TimeToLiveSpecification);
    expect(withTtl.map(({ path }) => path)).toEqual(['Storage/Idempotency/Resource']);
    expect(withTtl[0]!.properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiration', Enabled: true });
  });

  it('stream what changes in waits, and nothing else', () => {
    const withStream = tables.filter(({ properties }) => properties.StreamSpecification);
    expect(withStream.map(({ path }) => path)).toEqual(['Storage/Waits/Resource']);
    expect(withStream[0]!.properties.StreamSpecification.StreamViewType).toBe('NEW_IMAGE');
  });

  it('list orders by status and by when they moved, and waits by kind and by deadline', () => {
    const indexes = tables.flatMap(({ properties }) => properties.GlobalSecondaryIndexes ?? []);
    expect(
      indexes.map(({ IndexName, KeySchema }) => [
        IndexName,
        ...KeySchema.map((key: { AttributeName: string }) => key.AttributeName),
      ]),
    ).toEqual([
      ['byStatus', 'status', 'createdAt'],
      ['byProgress', 'status', 'updatedAt'],
      ['byKind', 'kind', 'openedAt'],
      ['byDeadline', 'waiting', 'expiresAt'],
    ]);
  });
});

describe('the bucket with the lines of big orders', () => {
  const bucket = production.one('AWS::S3::Bucket');

  it('is encrypted, closed to the public, and refuses what is not TLS', () => {
    const [{ ServerSideEncryptionByDefault }] = bucket.properties.BucketEncryption.ServerSideEncryptionConfiguration;
    expect(ServerSideEncryptionByDefault).toEqual({ SSEAlgorithm: 'AES256' });
    expect(bucket.properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    const [statement] = production.one('AWS::S3::BucketPolicy').properties.PolicyDocument.Statement;
    expect(statement).toMatchObject({
      Effect: 'Deny',
      Action: 's3:*',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  it('forgets what was put for an order that never came to be, and nothing else', () => {
    expect(bucket.properties.LifecycleConfiguration.Rules).toEqual([
      { Prefix: 'placed/', ExpirationInDays: 90, Status: 'Enabled' },
    ]);
  });

  it('outlives a production stack, and goes with a development stack', () => {
    expect(bucket.deletionPolicy).toBe('Retain');
    expect(synthesizeOrders({ stage: 'dev' }).one('AWS::S3::Bucket').deletionPolicy).toBe('Delete');
  });
});
