/** A part of an alias: the new executions that go to one version. */
export interface Route {
  stateMachineVersionArn: string;
  /** Percent; the weights of an alias add up to 100. */
  weight: number;
}
