/** The CDK app: `cdk synth`, `cdk deploy`, and the local runtime (`node bin/app.ts` with CDK_OUTDIR) all start here. */
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { OrderStack } from '../lib/order-stack.ts';
import { readSettings } from '../lib/settings.ts';

// The CDK CLI reads cdk.json, adds these two and passes its context on; without the CLI nobody does. What it passes wins.
const { context } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8'));
const metadata = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };
const app = new App({ context: { ...context, ...metadata }, outdir: process.env.CDK_OUTDIR ?? 'cdk.out' });

const settings = readSettings((key) => app.node.tryGetContext(key));
new OrderStack(app, `waybill-${settings.stage}`, settings);
app.synth();
