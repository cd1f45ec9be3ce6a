import { SecretValue, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { OutsideParties } from './outside-parties.ts';

/**
 * What a secret has until the provider's key is put there; functions take it for no key. Leave it as it is: CloudFormation
 * writes the text of a template into the secret whenever that text is another one than before, over the key.
 */
const noKeyYet = 'no key yet: put the API key here, as plain text';

/** A secret for the API key of each provider that is chosen, and of no other. */
export class ProviderKeys extends Construct {
  /** By the names that rows use in their grants. */
  readonly secrets: Readonly<Record<string, Secret>>;

  constructor(scope: Construct, id: string, { paymentGateway, carrier }: OutsideParties) {
    super(scope, id);
    this.secrets = {
      ...(paymentGateway === 'stripe' ? { stripeKey: this.secret('Stripe') } : {}),
      ...(carrier === 'easypost' ? { easypostKey: this.secret('EasyPost') } : {}),
    };
  }

  private secret(provider: string): Secret {
    const secret = new Secret(this, provider, {
      description: `API key of ${provider} (the plain string)`,
      secretStringValue: SecretValue.unsafePlainText(noKeyYet),
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: `${provider} gives out this key, so a person rolls it there and puts the new one here.`,
    });
    return secret;
  }
}
