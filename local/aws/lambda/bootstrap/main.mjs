/**
 * The program of one execution environment: loads the handler, then asks the Lambda Runtime API (2018-06-01) for one
 * invocation after the other. Plain JavaScript because type stripping adds 50 ms to every cold start.
 * Arguments: the clock offset in milliseconds at start. Everything else comes from the environment, as on AWS.
 */
import { createContext } from './context.mjs';
import { describeError } from './describe-error.mjs';
import { loadHandler } from './load-handler.mjs';
import { moveDate } from './moved-date.mjs';
import { endOutput, log, patchOutput, startOutputOf } from './output.mjs';
import { connectRuntimeApi } from './runtime-client.mjs';

const offsetMs = Number(process.argv[2] ?? 0);
process.argv.length = 2;
moveDate(offsetMs);
patchOutput();

const api = connectRuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
/** Request id of the invocation in hand; undefined during init and between invocations. */
let requestId;
/** Set by a callback that waits for the event loop to become empty. */
let answerWhenIdle;

/** Reports the error of the invocation in hand (or of init) and ends the process once the report was taken. */
async function die(error, exitCode) {
  const described = describeError(error);
  log('ERROR', `${requestId ? 'Uncaught Exception' : 'Init Error'} \t${JSON.stringify(described)}`);
  await (requestId ? api.invocationError(requestId, described) : api.initError(described));
  process.exit(exitCode);
}

process.on('uncaughtException', (error) => die(error, 129));
process.on('unhandledRejection', (reason) => {
  const error = new Error(String(reason));
  error.name = 'Runtime.UnhandledPromiseRejection';
  if (reason?.stack) error.stack = `${error.name}: ${reason.stack}`;
  die(error, 128);
});
// The connection keeps the process alive only between invocations, so that an empty event loop shows in here.
process.on('beforeExit', () => {
  if (answerWhenIdle) {
    answerWhenIdle();
  } else if (requestId) {
    log('ERROR', 'Runtime.NodeJsExit: the handler returned a promise that nothing can settle any more.');
    process.exit(13);
  }
});

/** Runs a handler that returns a promise or a value, or calls back; settles as the handler does. */
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, value) => {
      const answer = () => {
        answerWhenIdle = undefined;
        if (error) reject(error);
        else resolve(value);
      };
      if (context.callbackWaitsForEmptyEventLoop) answerWhenIdle ??= answer;
      else answer();
    };
    const returned = handler(event, context, callback);
    // A handler that takes a callback and returns nothing answers through the callback alone.
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    else if (returned !== undefined || handler.length < 3) resolve(returned);
  });
}

let handler;
try {
  handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
} catch (error) {
  await die(error, 1);
}

for (;;) {
  const { headers, body } = await api.next();
  requestId = headers['lambda-runtime-aws-request-id'];
  moveDate(Number(headers['x-local-clock-offset-ms'] ?? 0));
  startOutputOf(requestId);
  if (headers['lambda-runtime-trace-id']) process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  api.unref();
  try {
    const result = stringify(await run(handler, JSON.parse(body), createContext(headers)));
    if (headers['x-local-log-tail']) endOutput();
    api.response(requestId, result);
  } catch (error) {
    const described = describeError(error);
    log('ERROR', `Invoke Error \t${JSON.stringify(described)}`);
    if (headers['x-local-log-tail']) endOutput();
    api.invocationError(requestId, described);
  }
  api.ref();
  requestId = undefined;
}

function stringify(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}
