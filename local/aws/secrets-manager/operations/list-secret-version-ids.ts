import type { SecretsOperation } from './operation.ts';

/** All in one answer. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html */
export const listSecretVersionIds: SecretsOperation = ({ store }) => {
  return ({ SecretId, IncludeDeprecated }) => {
    const { arn, name, versions } = store.find(SecretId);
    const listed = Object.entries(versions).filter(([, { stages }]) => IncludeDeprecated === true || stages.length > 0);
    return {
      ARN: arn,
      Name: name,
      Versions: listed.map(([id, { stages, createdAt }]) => ({
        VersionId: id,
        ...(stages.length > 0 && { VersionStages: stages }),
        CreatedDate: createdAt / 1000,
      })),
    };
  };
};
