/** The name in a name or ARN, with or without a qualifier. */
export function functionNameIn(nameOrArn: string): string {
  const [, inArn] = /:function:([^:]+)/.exec(nameOrArn) ?? [];
  return inArn ?? nameOrArn.split(':')[0]!;
}
