import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { OutsideParties } from './outside-parties.ts';

const goLive = 'docs/go-live.md says what it takes';

/**
 * Said at every synth, diff and deploy of a production stack that deals with nobody: it looks like a shop, and takes no
 * money. A warning and not an error, because it is how one begins, and nothing acknowledges it but another setting.
 */
export function warnOfSandboxes(scope: Construct, { paymentGateway, carrier, mailFrom }: OutsideParties): void {
  const warnings = Annotations.of(scope);
  if (paymentGateway === 'sandbox') {
    warnings.addWarningV2(
      'waybill:sandboxPayments',
      `Payments are a sandbox: nobody is charged. Set paymentGateway to stripe; ${goLive}.`,
    );
  }
  if (carrier === 'sandbox') {
    warnings.addWarningV2(
      'waybill:sandboxCarrier',
      `The carrier is a sandbox: its labels are none. Set carrier to easypost, and carrierShipment; ${goLive}.`,
    );
  }
  if (!mailFrom) {
    warnings.addWarningV2(
      'waybill:sandboxMail',
      `Mail goes to a sandbox: nobody is asked or told anything. Set mailFrom and the addresses; ${goLive}.`,
    );
  }
}
