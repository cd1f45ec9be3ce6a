import { Defect } from './errors.ts';
import {
  type ChildExecution,
  type Execution,
  type Frame,
  frameAt,
  type Group,
  groupOf,
  type MapRun,
  mapRunOf,
  withFrame,
  withGroup,
} from './frame.ts';
import type { Hidden } from './journal-facts.ts';

/** The frame tree after something happened in a child execution of the distributed Map at `path`. */
export function changeChild(
  root: Frame,
  path: string,
  { index }: Hidden,
  change: (execution: Execution) => Execution,
): Frame {
  const frame = frameAt(root, path);
  const { running = [], pendingRedrive = [] } = frame?.state?.group?.mapRun ?? {};
  const child = [...running, ...pendingRedrive].find((one) => one.index === index);
  if (!frame || !child) throw new Defect(`the journal speaks of a child execution that is not there: ${path} ${index}`);
  const changed = change(child.execution);
  const group =
    changed.status === 'RUNNING'
      ? kept(groupOf(frame), child.index, changed)
      : done(groupOf(frame), child.index, changed);
  return withFrame(root, path, withGroup(frame, group));
}

/** A child execution joins the map run. */
export function startChild(root: Frame, path: string, index: number, execution: Execution): Frame {
  const frame = frameAt(root, path);
  if (!frame) throw new Defect(`the journal speaks of a frame that is not there: "${path}"`);
  const group = groupOf(frame);
  const mapRun = mapRunOf(group);
  return withFrame(root, path, withGroup(frame, { ...group, mapRun: withRunning(mapRun, { index, execution }) }));
}

function kept(group: Group, index: number, execution: Execution): Group {
  const mapRun = mapRunOf(group);
  const running = mapRun.running.map((one) => (one.index === index ? { index, execution } : one));
  if (running.some((one) => one.execution === execution)) return { ...group, mapRun: { ...mapRun, running } };
  return { ...group, mapRun: withRunning(mapRun, { index, execution }) };
}

/** A child that begins, or goes on after it waited for its turn. */
function withRunning({ pendingRedrive, ...mapRun }: MapRun, child: ChildExecution): MapRun {
  const pending = pendingRedrive?.filter(({ index }) => index !== child.index) ?? [];
  return { ...mapRun, running: [...mapRun.running, child], ...(pending.length > 0 && { pendingRedrive: pending }) };
}

/** A child that failed leaves its error in place of a result. */
function done(group: Group, index: number, execution: Execution): Group {
  const { status, output, error, cause } = execution;
  const mapRun = mapRunOf(group);
  const succeeded = status === 'SUCCEEDED';
  const result = succeeded ? (output ?? 'null') : JSON.stringify({ Error: error ?? null, Cause: cause ?? null });
  return {
    ...group,
    results: group.results.with(index, result),
    finished: group.finished + 1,
    mapRun: {
      ...mapRun,
      ...(mapRun.records && { records: { ...mapRun.records, [index]: recordOf(execution) } }),
      failed: mapRun.failed + (succeeded ? 0 : 1),
      ...(!succeeded && { unsuccessful: [...(mapRun.unsuccessful ?? []), { index, execution }] }),
      running: mapRun.running.filter((one) => one.index !== index),
    },
  };
}

/** As DescribeExecution would describe it, in the words of integrations. */
function recordOf(execution: Execution): string {
  const { status, output, startedAt, stoppedAt = startedAt } = execution;
  const included = { Included: true };
  return JSON.stringify({
    Cause: execution.cause,
    Error: execution.error,
    ExecutionArn: execution.executionArn,
    Input: execution.input,
    InputDetails: included,
    Name: execution.executionName,
    Output: output,
    OutputDetails: output === undefined ? undefined : included,
    RedriveCount: execution.redriveCount ?? 0,
    RedriveStatus: status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN',
    StartDate: new Date(startedAt).toISOString(),
    StateMachineArn: execution.stateMachineArn,
    Status: status,
    StopDate: new Date(stoppedAt).toISOString(),
  });
}
