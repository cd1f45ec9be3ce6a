import { reasonFor } from './contradictions.ts';
import type { Mode, Verdict } from './run-case.ts';
import { count, reasons, scores } from './score.ts';

/** docs/conformance.md: what was compared, how it went, and what is not there. */
export function writeReport(verdicts: Verdict[], { mode, at }: { mode: Mode; at: Date }): string {
  return `${[
    '# Conformance',
    `Generated on ${at.toISOString().slice(0, 10)} by \`npm run conformance\`, ${mode} comparison. Do not edit.`,
    introduction,
    ...scoreSections(verdicts),
    '## Cases that fail',
    failures(verdicts),
    '## Out of scope',
    outOfScope(count(verdicts).skipped),
    '## Provenance and licence of the recordings',
    provenance,
  ].join('\n\n')}\n`;
}

const introduction = `The local Step Functions is compared with recordings of what the real service answered: execution histories with the numbers of their
events and what each is chained to, outputs as the very text, descriptions, error and cause texts. Every case runs against a runtime of its
own, over HTTP, with its clock moved. Strict comparison takes away only what differs from run to run (ARNs, ids, times).

The recordings are a part of those that exist, and say nothing of what nobody recorded. They were made over years in which the service changed: where recordings
of different years contradict one another, the runtime does what the larger number shows, which is not always what AWS does today.`;

function scoreSections(verdicts: Verdict[]): string[] {
  return (['core', 'extended'] as const).flatMap((scope) => {
    const ofScope = verdicts.filter((verdict) => verdict.case.scope === scope);
    if (ofScope.length === 0) return [];
    const { passed, failed, skipped } = count(ofScope);
    const skips = (...cells: (string | number)[]) => (skipped > 0 ? cells : []);
    const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
    const titles = ['category', 'passed', 'failed', ...skips('skipped', 'why skipped')];
    return [
      `## ${scope === 'core' ? 'Core' : 'Extended'}: ${passed} of ${ofScope.length}`,
      explained[scope],
      [
        row(...titles),
        `|${titles.map(() => '---|').join('')}`,
        ...scores(ofScope).map((one) =>
          row(one.category, one.passed, one.failed, ...skips(one.skipped, reasons(ofScope, one.category))),
        ),
        row('**all**', `**${passed}**`, `**${failed}**`, ...skips(`**${skipped}**`, '')),
      ].join('\n'),
    ];
  });
}

const explained = {
  core: 'The language, its errors, Lambda, SQS, DynamoDB, callbacks, nested executions, versions, aliases and the API.',
  extended: 'TestState, activities, tags, distributed Maps that read from S3, mocked integrations.',
};

function failures(verdicts: Verdict[]): string {
  const failed = verdicts.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return 'None.';
  const byReason = Object.groupBy(failed, (verdict) => reasonFor(verdict.case.id) ?? 'Not explained yet.');
  return Object.entries(byReason)
    .map(([reason, group]) => [`- ${reason}`, ...group!.map((verdict) => `  - \`${verdict.case.id}\``)].join('\n'))
    .join('\n');
}

const outOfScope = (
  skipped: number,
) => `- Integrations with services that the runtime does not have (API Gateway, EventBridge, ECS, Glue, SNS, ...) and the generic \`aws-sdk:\`
  integrations: a local copy of each of those services would be needed. ${skipped > 0 ? 'Cases that need one are skipped, and the tables say which.' : 'None of these cases needs one.'}
- \`SdkHttpMetadata\`, \`SdkResponseMetadata\`, \`billingDetails\`, \`encryptionConfiguration\` and \`tracingConfiguration\` are not compared:
  they show AWS's own infrastructure, or settings that change nothing locally.
- IAM: every role may do everything.
- What the client of the recordings (boto3) refused by itself never reached the service and is not compared.`;

const provenance = `The recordings were extracted as data from the test-suite of LocalStack (\`github.com/localstack/localstack\`,
\`tests/aws/services/stepfunctions\`, commit \`8b9a79f05846835cf4dff63ab7eefdde9df83783\`, 2026-03-23), which its authors recorded against AWS.
They are licensed under the Apache License 2.0, Copyright (c) 2017+ LocalStack maintainers and contributors. No code of that project is
used, and the recordings are not part of this repository; the runner takes any folder of cases in their format.`;
