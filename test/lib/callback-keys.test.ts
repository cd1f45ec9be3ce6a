import { describe, expect, it } from 'vitest';
import { linkGraceSeconds } from '../../lambdas/domain/wait-times.ts';
import { CallbackKeys, rotationDays } from '../../lib/callback-keys.ts';
import { synthesizeStack } from './synthesized.ts';

const day = 24 * 60 * 60;
const wait = (timeoutSeconds: number) => ({ timeoutSeconds, remindAfterSeconds: [] });
const keysWith = (timeoutSeconds: number) =>
  synthesizeStack((stack) => {
    new CallbackKeys(stack, 'CallbackKeys', {
      waits: { AwaitPicking: wait(day), AwaitOperator: wait(timeoutSeconds) },
    });
  });

const keys = keysWith(7 * day);

describe('the keys of callback links', () => {
  it('are made in the shape that the handlers read', () => {
    const { GenerateSecretString } = keys.one('AWS::SecretsManager::Secret', 'CallbackKeys').properties;
    expect(GenerateSecretString).toEqual({
      SecretStringTemplate: '{"current":"k1"}',
      GenerateStringKey: 'k1',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });

  it('rotate every 30 days, and not at every deployment', () => {
    const { properties } = keys.one('AWS::SecretsManager::RotationSchedule', 'CallbackKeys/Rotation');
    expect(properties).toMatchObject({
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediatelyOnUpdate: false,
    });
  });

  it('are rotated by a function that may do four things to this one secret', () => {
    const statements = keys.functions()[0]!.statements.filter(({ actions }) => /secret/.test(actions.join()));
    expect(
      statements.map(({ actions, resources }) => ({ actions, resources: resources.map((arn) => keys.text(arn)) })),
    ).toEqual([
      {
        actions: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: ['CallbackKeys'],
      },
    ]);
  });

  it('are rotated by nobody but Secrets Manager, for this secret of this account', () => {
    const { properties } = keys.one('AWS::Lambda::Permission', 'CallbackKeys/RotationMayInvoke');
    expect(properties).toMatchObject({ Action: 'lambda:InvokeFunction', Principal: 'secretsmanager.amazonaws.com' });
    expect(keys.text(properties.SourceArn)).toBe('CallbackKeys');
    expect(keys.text(properties.SourceAccount)).toBe('AWS::AccountId');
  });

  it('outlive every link: a wait that is too long for the rotation does not synthesise', () => {
    const longest = (rotationDays - 1) * day - linkGraceSeconds - 60 * 60;
    expect(() => keysWith(longest - 1)).not.toThrow();
    expect(() => keysWith(longest)).toThrow(
      `links of AwaitOperator can be used for 30.0 days, and a key that signed one may be dropped after 30: shorten its timeoutSeconds (${longest}) or rotate less often`,
    );
  });
});
